import { styleText } from 'node:util';

/** Colours for terminals; plain text if the stream is not a terminal or NO_COLOR is set. */
export function dim(text: string, stream: NodeJS.WritableStream = process.stdout): string {
  return styleText('dim', text, { stream });
}

export type Colour = 'green' | 'yellow' | 'red' | 'bold' | 'dim';

export function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

/** Replaces control characters in untrusted text, so that it cannot control the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the regular expression removes control characters
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
}

export function bytesText(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(1)} KiB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** A number for people: whole and large ones in full, others with four significant digits, so that small ones are not 0. */
export function figure(value: number): string {
  return Number.isInteger(value) || value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(4);
}
