import { durationText } from '@cogumi/pure';

/** A number for display: integers in full, others to four significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'unknown';
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Number(value.toPrecision(4)).toString();
}

/** @param share - 0..1. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

export const duration = (seconds: number): string => durationText(seconds * 1000);

/** Decimal units, as disks and registries count. */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
