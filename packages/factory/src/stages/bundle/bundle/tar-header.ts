export const TAR_BLOCK = 512;

/** Eleven octal digits of ustar's size field: 8 GiB less one byte. A quantized 14 B model fits. */
export const TAR_LARGEST_ENTRY = 8 ** 11 - 1;

/**
 * A ustar header of a regular file with everything that could differ between machines fixed: mode 0644, owner 0, time 0.
 *
 * @param name - At most 100 ASCII characters.
 * @see POSIX.1-2017, pax, "ustar Interchange Format".
 */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  if (name.length > 100 || size > TAR_LARGEST_ENTRY)
    throw new RangeError(`${name} (${size} bytes) does not fit a ustar header.`);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 'ascii');
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}
