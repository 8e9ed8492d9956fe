import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { ARCHITECTURES, type ModelSettings } from './architectures.ts';

/** Refuses a folder whose config.json is of such a model. Other faults of the folder are reported where it is read. @throws as `checkArchitecture`. */
export async function checkFolderArchitecture(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => null);
  const settings = text === null ? null : parseObject(text);
  if (settings && ('architectures' in settings || 'model_type' in settings)) checkArchitecture(folder, settings);
}

/**
 * Refuses a model that a build would not carry to llama.cpp as it is: another architecture, or settings that its GGUF file cannot hold.
 *
 * @param where - The model, as the message names it.
 * @param settings - Of its config.json.
 * @returns The architecture's name.
 * @throws CogumiError ARCHITECTURE_UNKNOWN; ARCHITECTURE_SETTING, with all settings at once.
 */
export function checkArchitecture(where: string, settings: ModelSettings): string {
  const names = Array.isArray(settings.architectures) ? settings.architectures.map(String) : [];
  const name = names[0] ?? `model_type ${String(settings.model_type ?? 'unknown')}`;
  const known = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (!known) {
    throw new CogumiError(
      'ARCHITECTURE_UNKNOWN',
      `${where} is of the architecture ${name.slice(0, 80)}, which a build does not take.`,
      `Give a base of one of these: ${Object.keys(ARCHITECTURES).join(', ')}.`,
      { exitCode: EXIT.usage },
    );
  }
  const broken = known.limits.filter(({ holds }) => !holds(settings));
  if (broken.length > 0) {
    const shown = broken.map(
      ({ setting, only }) =>
        `${setting} is ${JSON.stringify(settings[setting] ?? null).slice(0, 120)}, it holds ${only}`,
    );
    throw new CogumiError(
      'ARCHITECTURE_SETTING',
      `${where} has settings that a GGUF file of ${name} cannot hold: ${shown.join('; ')}.`,
      'llama.cpp would compute another model than the one that was trained: give another base.',
      { exitCode: EXIT.usage },
    );
  }
  return name;
}

function parseObject(text: string): ModelSettings | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as ModelSettings) : null;
  } catch {
    return null;
  }
}
