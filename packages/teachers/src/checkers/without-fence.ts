const FENCE = /```[\w+#.-]*[^\S\n]*\n([\s\S]*?)\n?```/i;

/** What stands in the first code fence of an answer, or the answer where there is none: models like to put code in one. */
export function withoutFence(answer: string): string {
  return FENCE.exec(answer)?.[1] ?? answer.trim();
}
