import { z } from 'zod';

/** `owner/name`, or only `name` for the oldest repositories. No part begins with a dot: ids become folders of the cache. */
export const REPOSITORY_ID = /^[A-Za-z0-9_][\w.-]{0,95}(\/[A-Za-z0-9_][\w.-]{0,95})?$/;

/** Option of whatever names something on the hub by its key `hub`. */
export const Revision = z
  .string()
  .min(1)
  .default('main')
  .describe('Branch, tag or commit of `hub`; the first plan pins it to a commit.');
