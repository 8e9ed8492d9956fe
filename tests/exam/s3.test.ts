/** Stores in a bucket of a real S3 server, moto from PyPI, which checks keys, signatures, policies and conditional writes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomes } from '../build-tiny.ts';
import { type Finished, ROOT, startCogumi } from '../start-cogumi.ts';
import { pythonEnvironment } from './python-environment.ts';

const MINUTES = 60_000;
const MOTO = 'moto[s3,iam,server]==5.2.5';
const PORT = 8461;
const folder = mkdtempSync(join(tmpdir(), 'cogumi-s3-'));
let server: ChildProcess;
let keys: Record<string, string>;

/** Who may do what; moto asks for a key from the fifth request on. Prints a key that may use the bucket, and one that may not. */
const SET_UP = `
import boto3, json
make = lambda service: boto3.client(service, endpoint_url="http://127.0.0.1:${PORT}", region_name="us-east-1",
    aws_access_key_id="set-up", aws_secret_access_key="set-up")
iam, s3 = make("iam"), make("s3")
s3.create_bucket(Bucket="models")
iam.create_user(UserName="builder")
key = iam.create_access_key(UserName="builder")["AccessKey"]
allow = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": "*"}
iam.put_user_policy(UserName="builder", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
print(json.dumps({"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}))
`;

beforeAll(async () => {
  const environment = pythonEnvironment('moto', MOTO);
  const python = join(environment, 'bin/python');
  server = spawn(join(environment, 'bin/moto_server'), ['-H', '127.0.0.1', '-p', String(PORT)], {
    stdio: 'ignore',
    env: { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: '4' },
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${PORT}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let tries = 0; !(await answers()); tries++) {
    if (tries > 100) throw new Error('moto does not answer');
    await sleep(300);
  }
  const given = JSON.parse(execFileSync(python, ['-c', SET_UP], { encoding: 'utf8' }));
  keys = { ...given, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: `http://127.0.0.1:${PORT}` };
}, 20 * MINUTES);
afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const build = (store: string, environment = keys, bucket = 's3://models/team') => {
  const recipe = join(ROOT, 'recipes/tiny.yaml');
  const args = ['--until', 'train', '--store', join(folder, store), '--bucket', bucket, '--json'];
  return startCogumi(['build', recipe, ...args], environment);
};

const keysIn = ({ events }: Finished) =>
  events.flatMap((event) => (event.event === 'stage-start' ? [`${event.stage} ${event.key}`] : []));

describe('a tiny build with a bucket', { timeout: 20 * MINUTES }, () => {
  it('puts its artifacts there, and a store on another machine makes nothing again', async () => {
    const first = await build('one').finished;
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    const began = Date.now();
    const second = await build('two').finished;
    expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
    expect(outcomes(second).filter((outcome) => !outcome.endsWith(' cached'))).toEqual([]);
    expect(keysIn(second)).toEqual(keysIn(first));
    console.log(`${outcomes(second).length} stages from the bucket in ${Date.now() - began} ms`);
  });

  it('killed with -9 while it fetches goes on, and keeps nothing torn', async () => {
    for (const moment of [1500, 2500, 3500]) {
      const killed = build('killed');
      setTimeout(killed.kill, moment);
      await killed.finished;
    }
    const resumed = await build('killed').finished;
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    expect(outcomes(resumed).filter((outcome) => !outcome.endsWith(' cached'))).toEqual([]);
  });

  it.each([
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 's3://models/team', 'BUCKET_REFUSED'],
    ['a wrong key', { AWS_ACCESS_KEY_ID: 'AKIA0000000000000000' }, 's3://models/team', 'BUCKET_REFUSED'],
    ['a bucket that is not there', {}, 's3://nowhere', 'BUCKET_MISSING'],
    ['a server that is gone', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, 's3://models/team', 'BUCKET_UNREACHABLE'],
  ])('refuses %s with a hint', async (_, changed, bucket, code) => {
    const { error } = await build('refused', { ...keys, ...changed }, bucket).finished;
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\S/) });
    console.log(error?.message);
  });
});
