/** Says whether a text is in a language, by its ISO 639-1 code. */
export type IsLanguage = (text: string, language: string) => boolean;

/** Languages that eld does not know, by frequent words; as many of a text's words as `SHARE` have to be among them (chosen). */
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  sw: new Set(
    'na ya wa kwa ni katika la za cha kuwa hii yake wake kama au pia sana hivyo lakini kwamba hiyo huu'.split(' '),
  ),
  ne: new Set('छ र को मा हो छन् गर्न पनि लागि यो गर्ने भने तपाईं हुन्छ थियो एक का की ले लाई बाट'.split(' ')),
};
const SHARE = 0.15;

/** Loads eld's smallest table. */
export async function loadIsLanguage(): Promise<IsLanguage> {
  const { eld } = await import('eld/extrasmall');
  return (text, language) => {
    const words = WORDS[language];
    if (!words) return eld.detect(text).language === language;
    const own = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
    return own.length > 0 && own.filter((word) => words.has(word)).length >= own.length * SHARE;
  };
}
