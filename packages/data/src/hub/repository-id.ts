/** `owner/name`, or only `name` for the oldest repositories. No part begins with a dot: ids become folders of the cache. */
export const REPOSITORY_ID = /^[A-Za-z0-9_][\w.-]{0,95}(\/[A-Za-z0-9_][\w.-]{0,95})?$/;
