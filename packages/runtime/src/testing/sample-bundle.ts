import { createHash } from 'node:crypto';

/** One entry of a tar file, valid or not. */
export interface Entry {
  name: string;
  bytes: Buffer;
  type?: string;
  linkname?: string;
}

export interface SampleBlob {
  mediaType: string;
  bytes: Buffer;
}

/**
 * The tar entries of a bundle, written independently of the factory's writer, so that tests can change every part.
 * `edit` changes the config before it is hashed; `extra` adds layers.
 */
export function sampleBundle({
  base = Buffer.from('stands for the GGUF of the base'),
  adapters = {},
  router = null,
  extra = [],
  edit = (config) => config,
}: {
  base?: Buffer;
  adapters?: Record<string, Buffer>;
  router?: { routes: string[] } | null;
  extra?: SampleBlob[];
  edit?: (config: Record<string, unknown>) => Record<string, unknown>;
} = {}): Entry[] {
  const routerBytes = router && Buffer.from(JSON.stringify(router));
  const config = Buffer.from(
    JSON.stringify(
      edit({
        schema: 1,
        name: 'sample',
        description: '',
        base: { digest: sha(base), parameters: 1, contextTokens: 64, quantization: 'f32' },
        modifiers: Object.entries(adapters).map(([name, bytes]) => ({
          name,
          digest: sha(bytes),
          base: sha(base),
          domain: 'coding',
          rank: 4,
        })),
        router: router && routerBytes ? { digest: sha(routerBytes), base: sha(base), routes: router.routes } : null,
        gates: [],
        lineage: {},
        licences: ['MIT'],
      }),
    ),
  );
  const layers: SampleBlob[] = [
    { mediaType: 'application/vnd.cogumi.base.v1.gguf', bytes: base },
    ...Object.values(adapters).map((bytes) => ({ mediaType: 'application/vnd.cogumi.modifier.v1.gguf', bytes })),
    ...(routerBytes ? [{ mediaType: 'application/vnd.cogumi.router.v1+json', bytes: routerBytes }] : []),
    { mediaType: 'text/markdown', bytes: Buffer.from('# A sample\n') },
    ...extra,
  ];
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.cogumi.bundle.v1',
      config: describeBlob({ mediaType: 'application/vnd.cogumi.bundle.config.v1+json', bytes: config }),
      layers: layers.map(describeBlob),
    }),
  );
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...describeBlob({ mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes: manifest }),
        annotations: { 'org.opencontainers.image.ref.name': 'sample' },
      },
    ],
  };
  return [
    { name: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { name: 'index.json', bytes: Buffer.from(JSON.stringify(index)) },
    ...[manifest, config, ...layers.map(({ bytes }) => bytes)].map((bytes) => ({
      name: `blobs/sha256/${sha(bytes).slice(7)}`,
      bytes,
    })),
  ];
}

export function tarOf(entries: readonly Entry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, bytes, type = '0', linkname = '' } of entries) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(linkname, 157);
    header.write('ustar\x0000', 257);
    let sum = 0;
    for (const byte of header) sum += byte;
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function sha(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function describeBlob({ mediaType, bytes }: SampleBlob) {
  return { mediaType, digest: sha(bytes), size: bytes.length };
}
