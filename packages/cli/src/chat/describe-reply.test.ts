import { describe, expect, it } from 'vitest';
import { describeReply } from './describe-reply.ts';

const reply = {
  route: 'code',
  confidence: 1,
  perplexity: 9.44,
  reason: 'router' as const,
  answer: 'def f(xs): ...',
  finishReason: 'stop',
  promptTokens: 20,
  completionTokens: 12,
  forgotten: 0,
};

describe('describeReply', () => {
  it('says that a certainty is of the route and not of the answer', () => {
    expect(describeReply(reply)).toBe(
      'code (the router is 100% sure of the route, not of the answer) · perplexity 9.4 · 12 tokens',
    );
    expect(describeReply({ ...reply, reason: 'follow-up', confidence: 0.87 })).toContain(
      'a follow-up, by the route of its question: the router is 87% sure of the route, not of the answer',
    );
  });

  it('shows no certainty where the router did not decide', () => {
    for (const reason of ['chosen', 'no-router', 'perplexity'] as const) {
      const confidence = reason === 'perplexity' ? 0.3 : null;
      expect(describeReply({ ...reply, reason, confidence, forgotten: 2 })).not.toMatch(/%|sure/);
    }
    expect(describeReply({ ...reply, forgotten: 2, finishReason: 'length' })).toContain(
      '12 tokens, length · context full',
    );
  });
});
