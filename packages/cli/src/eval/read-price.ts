import { UsageError } from '../parse-call.ts';

/** A price in USD per million tokens, of prompts and answers; null where none is given. @throws UsageError */
export function priceOf(text: string | undefined, option = 'price'): { input: number; output: number } | null {
  if (text === undefined) return null;
  const parts = text.split(',');
  if (parts.length !== 2) {
    throw new UsageError(
      `--${option} is ${JSON.stringify(text)}; it must be two numbers.`,
      `For example: --${option} 0.5,1.5`,
    );
  }
  const [input, output] = parts.map((part) => dollars(option, part)) as [number, number];
  return { input, output };
}

/** @throws UsageError */
export function dollars(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(
    `--${option} has ${JSON.stringify(text)}; it must be a number of at least 0.`,
    `For example: --${option} ${option.endsWith('price') ? '0.5,1.5' : '2'}`,
  );
}
