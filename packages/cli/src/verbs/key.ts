import { randomBytes } from 'node:crypto';
import { EXIT } from '@cogumi/contracts';
import { addKey, type KeyEntry } from '@cogumi/runtime';
import { wholeNumber } from '../parse-call.ts';
import { dim } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

/** Bytes of a key. */
const KEY_BYTES = 32;
/** Largest limit that can be set (chosen): beyond it there is none in effect. */
const MOST = 1e12;

export const verb = defineVerb({
  usage: '<name> [--keys <file>] [options]',
  details:
    'Prints a new key once. The file gets a line with its hash, its name and its limits; `cogumi serve --keys <file>` reads it,\n' +
    'also while it runs. To take a key back, remove its line.',
  positionals: { min: 1, max: 1 },
  options: {
    keys: {
      type: 'string',
      value: '<file>',
      describe: 'key file, default keys.jsonl; it is made if it does not exist',
    },
    endpoint: { type: 'string', multiple: true, value: '<path>', describe: 'only this one; repeat it for more' },
    model: {
      type: 'string',
      multiple: true,
      value: '<id>',
      describe: 'only this one of /v1/models; repeat it for more',
    },
    'requests-per-minute': { type: 'string', value: '<number>', describe: 'most requests a minute' },
    'tokens-per-minute': { type: 'string', value: '<number>', describe: 'most tokens of prompts and answers a minute' },
    'tokens-per-day': { type: 'string', value: '<number>', describe: 'most tokens a day' },
    'concurrent-requests': { type: 'string', value: '<number>', describe: 'most requests at a time' },
  },
  async run({ positionals, options, json }) {
    const [name = ''] = positionals;
    const { keys: path = 'keys.jsonl', endpoint, model } = options;
    const limit = (option: keyof typeof options) => {
      const text = options[option];
      return typeof text === 'string' ? wholeNumber(option, text, 1, MOST) : undefined;
    };
    const key = randomBytes(KEY_BYTES).toString('base64url');
    const limits: Omit<KeyEntry, 'sha256'> = {
      name,
      endpoints: endpoint,
      models: model,
      requestsPerMinute: limit('requests-per-minute'),
      tokensPerMinute: limit('tokens-per-minute'),
      tokensPerDay: limit('tokens-per-day'),
      concurrentRequests: limit('concurrent-requests'),
    };
    await addKey(path, key, limits);
    if (json) console.log(JSON.stringify({ name, key, file: path }));
    else {
      console.log(key);
      // Not on stdout, so that the key can be piped.
      console.error(dim(`${path} has its hash. It is shown only now: keep it.`));
    }
    return EXIT.done;
  },
});
