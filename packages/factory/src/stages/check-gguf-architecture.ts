import { CogumiError, EXIT } from '@cogumi/contracts';
import { readGgufHeader } from '@cogumi/llama';
import { ARCHITECTURES } from '../artifacts/architectures.ts';

/** Refuses by its header a GGUF file of an architecture that a build does not take. Other faults of the file are reported where it is read. @throws CogumiError ARCHITECTURE_UNKNOWN. */
export async function checkGgufArchitecture(path: string): Promise<void> {
  const header = await readGgufHeader(path).catch(() => null);
  const gguf = header?.metadata.get('general.architecture');
  if (typeof gguf !== 'string') return;
  const experts = Number(header?.metadata.get(`${gguf}.expert_count`) ?? 0);
  const known = [...new Set(Object.values(ARCHITECTURES).map((architecture) => architecture.gguf))];
  if (known.includes(gguf) && experts === 0) return;
  throw new CogumiError(
    'ARCHITECTURE_UNKNOWN',
    `${path} is of the architecture ${gguf.slice(0, 80)}${experts > 0 ? ` with ${experts} experts` : ''}, which a build does not take.`,
    `Give a file of one of these, without experts: ${known.join(', ')}.`,
    { exitCode: EXIT.usage },
  );
}
