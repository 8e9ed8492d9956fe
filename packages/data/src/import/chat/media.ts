import type { Message } from '@cogumi/contracts';
import { type Fields, isFields, type Rejection } from '../shapes/shape.ts';

/** Columns that hold images, sounds or films: `image`, `images`, `image_1`, `audios`, `video_path`, … */
const COLUMN = /^(image|img|picture|audio|sound|speech|video)s?(_?\d+|_?(path|url|file|bytes|base64))?s?$/i;
/** Fields of a part of a message that hold something that is no text, in the APIs of OpenAI, Anthropic, Gemini and Qwen. */
const PART_FIELDS = /^(image|video|audio|input_audio|file|inline_?data|file_?data|document)(_?(url|file|id))?$/i;
const PART_TYPES = /image|audio|video|file|document|pdf|media/i;

/** A file or address of one, or its bytes as text. Any other text, such as the name of a container image, is none. */
const PLACE =
  /^(data:|https?:\/\/|s3:|gs:|file:)|\.(png|jpe?g|gif|webp|bmp|tiff?|svg|heic|avif|mp3|wav|flac|ogg|m4a|opus|mp4|mov|webm|avi|mkv|pdf)$/i;
const BYTES = /^[A-Za-z0-9+/]{200}/;

/** Marks that stand for an image in the text of a question; only as its first or last line do they stand for one for sure. */
const PLACEHOLDER = /<(image|video|audio)(?:[_ ]?\d+)?>|<\|(?:image|video|audio)(?:_pad|_\d+)?\|>|\[IMG\]/i;
const ONLY_PLACEHOLDERS = new RegExp(
  `^(?:(?:<\\|vision_start\\|>)?(?:${PLACEHOLDER.source})(?:<\\|vision_end\\|>)?\\s*)+$`,
  'i',
);
/** Of Qwen's templates; nobody begins a sentence with one. */
const TEMPLATE_MARK = /^(<\|vision_start\|>)?<\|(image|video|audio)(_pad|_\d+)?\|>|<img>[^<\n]+<\/img>/i;
/** A chat about pages: in it `<image>` is what it seems. */
const ABOUT_MARKUP =
  /\b(tags?|x?html5?|svg|xml|xaml|rss|markup|markdown|css)\b|<\/(image|video|audio)>|<(image|video|audio) /i;
/** An image in the text itself. In quotes or after \`url(\` it is the code of a page. */
const DATA_URL = /(?<!["'`=]|url\()data:(?:image|audio|video|application\/pdf)[\w/.+-]*;base64,[A-Za-z0-9+/]{16}/i;

/** Finds out whether a part of a message is an image, a sound, a film or a file. @returns What it is called; null for text. */
export function mediaOfPart(part: Fields): string | null {
  if (typeof part.type === 'string' && PART_TYPES.test(part.type)) return part.type;
  return Object.keys(part).find((name) => PART_FIELDS.test(name) && hasValue(part[name])) ?? null;
}

/** Finds images, sounds and films in the fields of a record or turn. @returns The field's name; null if there are none. */
export function mediaField(fields: Fields): string | null {
  return Object.keys(fields).find((name) => COLUMN.test(name) && isMedia(fields[name])) ?? null;
}

/**
 * Rejects a record with images, sounds or films: its answer is about something that a model of texts never sees. Without a
 * column of them `<image>` stands for one only as the first or last line of a question, in a chat that is not about markup
 * (Alpaca has five such rows, and each answer describes a picture).
 */
export function refuseMedia(record: Fields, chat: readonly Message[]): Rejection | null {
  const asked = chat.filter(({ role }) => role !== 'assistant').map(({ content }) => content);
  const talked = asked.some((text) => PLACEHOLDER.test(text));
  const column =
    mediaField(record) ?? (talked && Object.keys(record).find((name) => COLUMN.test(name) && hasValue(record[name])));
  if (column) return media(`in \`${column}\``);
  if (asked.some((text) => DATA_URL.test(text))) return media('as a data URL in a text');
  const mark = asked.find((text) => TEMPLATE_MARK.test(text.trim())) ?? (talked && asked.find(isPlaceholder));
  if (!mark || (!TEMPLATE_MARK.test(mark.trim()) && chat.some(({ content }) => ABOUT_MARKUP.test(content))))
    return null;
  return media(`at ${(PLACEHOLDER.exec(mark) ?? ['<img>'])[0]}`);
}

export function media(place: string): Rejection {
  return { code: 'media', reason: `has an image, a sound, a film or a file (${place}): rows are text only` };
}

/** `<image>` as LLaVA writes it, as the first or last line of a question. */
function isPlaceholder(text: string): boolean {
  const lines = text.trim().split('\n');
  return [lines[0], lines.at(-1)].some((line = '') => ONLY_PLACEHOLDERS.test(line.trim()));
}

function isMedia(value: unknown): boolean {
  if (typeof value === 'string') return PLACE.test(value.trim()) || BYTES.test(value);
  if (ArrayBuffer.isView(value)) return value.byteLength > 0;
  if (Array.isArray(value)) return value.some(hasValue);
  return isFields(value) && Object.values(value).some(hasValue);
}

function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasValue);
  if (ArrayBuffer.isView(value)) return value.byteLength > 0;
  if (isFields(value)) return Object.values(value).some(hasValue);
  return value !== null && value !== undefined && value !== '' && value !== false;
}
