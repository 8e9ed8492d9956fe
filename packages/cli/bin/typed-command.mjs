// Plain JavaScript that Node 18 and later can run: the launcher needs it before it has found Node 24.
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';

/**
 * What the user has to type to run this command again.
 *
 * @param {{ environment: NodeJS.ProcessEnv, folder: string, launcher: string }} given - `folder`: where it was typed.
 */
export function typedCommand({ environment, folder, launcher }) {
  const { npm_command: npm, npm_lifecycle_event: script } = environment;
  if (npm === 'run-script' && script === 'cogumi') return 'npm run cogumi --';
  if (npm === 'exec') return 'npx cogumi';
  const own = (path) => existsSync(path) && realpathSync(path) === realpathSync(launcher);
  if ((environment.PATH ?? '').split(delimiter).some((place) => place !== '' && own(join(place, 'cogumi'))))
    return 'cogumi';
  // npx finds what is installed in this folder or in one above it.
  for (let place = folder; ; place = dirname(place)) {
    if (own(join(place, 'node_modules/.bin/cogumi'))) return 'npx cogumi';
    if (place === dirname(place)) break;
  }
  return `node ${relative(folder, launcher)}`;
}
