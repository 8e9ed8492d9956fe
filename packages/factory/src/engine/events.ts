import { EngineEvent } from '@cogumi/contracts';

/** The event of a line; null for any other line. */
export function parseEvent(line: string): EngineEvent | null {
  try {
    return EngineEvent.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
