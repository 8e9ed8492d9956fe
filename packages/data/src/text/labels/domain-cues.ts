/** The text that a cue is searched in. `edges`: the first and last 400 characters of the question, where the task is stated. */
type CuePlace = 'edges' | 'answer' | 'chat';

export interface Cue {
  readonly domain: string;
  readonly points: number;
  readonly place: CuePlace;
  readonly pattern: RegExp;
  readonly reason: string;
}

/**
 * Cues for a domain. Two points are enough for a label. Written by hand from typical tasks; the README lists the sets that were read
 * meanwhile. All patterns are linear: no nested repetition, bounded gaps.
 */
export const DOMAIN_CUES: readonly Cue[] = [
  {
    domain: 'tool_use',
    points: 6,
    place: 'answer',
    pattern:
      /<tool_call>|<functioncall>|^\s{0,9}\[?\s{0,9}\{\s{0,9}"(?:name|tool|function)"\s{0,3}:[\s\S]{0,200}"(?:arguments|parameters|args)"/,
    reason: 'the answer calls a tool',
  },
  {
    domain: 'tool_use',
    points: 6,
    place: 'chat',
    pattern:
      /"parameters"\s{0,3}:\s{0,3}\{\s{0,9}"type"|<tool_call>|<functioncall>|\baccess to the following (?:functions|tools|apis)\b|\b(?:available|following) (?:functions|tools) ?:/i,
    reason: 'tools are described',
  },
  {
    domain: 'coding',
    points: 2,
    place: 'edges',
    pattern:
      /\b(?:python|javascript|typescript|java|c\+\+|c#|golang|rust|ruby|php|perl|kotlin|swift program|sql|mysql|sqlite|html5?|css|bash|shell script|regex|regular expression|json|xml|api endpoint|source code|pseudo-?code|code snippet|algorithm|recursi(?:on|ve)|linked list|binary (?:search|tree)|data structure|for loop|while loop|unit test|compiler?|debug|refactor|numpy|pandas|django|flask|react|node\.js|pytorch|tensorflow)\b|\bc\+\+|\bc#/i,
    reason: 'the question names a language or a notion of programming',
  },
  {
    domain: 'coding',
    points: 2,
    place: 'edges',
    pattern:
      /\b(?:write|create|generate|design|develop|implement|construct|build|make|give|provide|edit|modify|rewrite|fix|optimi[sz]e|complete)\b.{0,60}\b(?:code|program|function|script|class|query|method|command|web ?(?:page|site|server)|app(?:lication)?|database|stored procedure|array|stylesheet)\b/i,
    reason: 'a program is asked for',
  },
  {
    domain: 'coding',
    points: 2,
    place: 'answer',
    pattern:
      /```[a-z]|^\s{0,8}(?:def \w{1,60}\(|class \w{1,60}[:({]|import \w|from \w{1,60} import|#include|public (?:static|class)|function \w{0,60}\(|(?:const|let|var) \w{1,60} ?=|<!DOCTYPE|<html|SELECT .{1,200} FROM|CREATE TABLE|INSERT INTO|console\.log\(|print ?\(|for ?\(|if ?\(.{1,80}\) ?\{|return [\w(])/im,
    reason: 'the answer is code',
  },
  {
    domain: 'math',
    points: 2,
    place: 'edges',
    pattern:
      /\b(?:how (?:many|much)|calculate|compute|solve for|solve the equation|equation|what is the (?:sum|product|area|volume|perimeter|probability|average|mean|median|derivative|integral|value|square root|result|remainder|total|cost|greatest common|least common)|find the (?:sum|product|area|volume|perimeter|probability|average|mean|median|derivative|integral|value|square root|slope|roots?|order|degree)|factori[sz]e|polynomial|triangle|percent(?:age)? of|prove that|theorem|derivative|integral|matrix|permutation|congruent|modulo|evaluate the expression|simplify the expression|convert \d)\b/i,
    reason: 'the question asks for a number or a proof',
  },
  {
    domain: 'math',
    points: 2,
    place: 'edges',
    pattern: /\d\s?[+*/^=×÷]\s?\(?-?\d|\b[xyz]\^?\d?\s?[+*/^=-]\s?\d|\\frac|\\sqrt|\$\d|\d\s?%|\bZ_\d/,
    reason: 'the question has formulas or amounts',
  },
  {
    domain: 'math',
    points: 2,
    place: 'answer',
    pattern: /^#### |\\boxed|\d\s?[+*/×÷-]\s?\$?\d[\d.,]{0,20}\s?=|=\s?<<|[xyz]\s?=\s?-?\d/m,
    reason: 'the answer calculates',
  },
  {
    domain: 'summarization',
    points: 4,
    place: 'edges',
    pattern:
      /\b(?:summari[sz]e|summari[sz]ing|summary|tl;?dr|main points?|key points?|key takeaways?|in a nutshell|condense|give the gist|shorten (?:this|the)|boil .{1,20} down)\b/i,
    reason: 'a summary is asked for',
  },
  {
    domain: 'reasoning',
    points: 3,
    place: 'edges',
    pattern:
      /\b(?:logically (?:consistent|follow)|must be true|can be (?:inferred|deduced|concluded)|deduce|syllogism|premises?|valid argument|riddle|logic puzzle|puzzle|fallacy|contradict|leftmost|rightmost|from the (?:left|right)|finished (?:first|last|above|below|second|third)|in a fixed order|who is the (?:oldest|youngest|tallest|shortest|killer|liar)|tells the truth|always lies|swap(?:s|ped)?|which (?:of the following )?(?:conclusion|statement)s? (?:is|are|can|must|follows?)|analogy|what comes next|next (?:number|letter|shape|term) in|pattern|arranged|overtak(?:e|en)|facing (?:north|south|east|west)|if .{3,80} (?:taller|older|faster|heavier) than)\b/i,
    reason: 'a deduction is asked for',
  },
  {
    domain: 'reasoning',
    points: 3,
    place: 'edges',
    pattern:
      /\bwhat color is\b|\b(?:remain|left|right|farthest|furthest) .{0,20}(?:on it|of the .{1,30})\?|\bfirst,.{5,120}\bthen,|\bat the end of the\b.{3,100}\b(?:has|have|is|are)\b/is,
    reason: 'a state is to be tracked',
  },
  {
    domain: 'reading',
    points: 3,
    place: 'edges',
    pattern:
      /\b(?:(?:following|given|above|this) (?:passage|context|paragraph|article|text|background|document|movie plot|story|excerpt)|(?:passage|context|paragraph|article|background|text|plot) ?:|present within the text|according to the (?:passage|text|article|paragraph|author)|based on the (?:passage|text|article|paragraph|story)|(?:from|in) the (?:passage|text) below|i can use this background)/i,
    reason: 'a question about a passage',
  },
  {
    domain: 'common_sense',
    points: 2,
    place: 'edges',
    pattern:
      /\b(?:how would .{1,40} feel|what will .{1,40} (?:want to do|happen)|why did .{1,40} do this|what does .{1,40} need to do|how would you describe|where (?:might|would|could|do|can|will|is) .{1,60}\?|what (?:might|would|could|may) .{1,80}\?|most (?:suitable|likely|plausible|sensible)|likely (?:to|be|reason|cause|happen)|plausible|common[- ]sense|given these facts|would it be possible|what happens (?:if|when)|why (?:do|does|is|are|might|would) .{1,80}\?|is it safe to|as a result\?)/i,
    reason: 'everyday knowledge is asked for',
  },
  {
    domain: 'common_sense',
    points: 3,
    place: 'edges',
    pattern: /\b(?:options|choices) ?:|\b(?:best|most suitable|correct) (?:option|answer)\b|(?:\n ?- .{1,120}){3}/i,
    reason: 'an answer is to be chosen',
  },
  {
    domain: 'instruction_following',
    points: 2,
    place: 'edges',
    pattern:
      /^\s{0,9}(?:please )?(?:write|generate|create|compose|rewrite|rephrase|paraphrase|edit|list|name|give|provide|describe|convert|translate|classify|categori[sz]e|suggest|come up with|design|draft|explain|identify|construct|replace|add|remove|reword|arrange|sort|rank|make|tell|imagine|pretend|act as|compare|discuss|outline|propose|brainstorm|correct|change|transform|format|select|choose|pick|match|complete|find|produce|craft|invent|formulate|state|define|determine|delete|insert|combine|split|organi[sz]e|assign|label|tag|evaluate|rate|analy[sz]e|predict|recommend|answer)\b/i,
    reason: 'begins as an instruction',
  },
  {
    domain: 'instruction_following',
    points: 2,
    place: 'edges',
    pattern:
      /^\s{0,9}(?:you are|you're|as an? \w{2,20}|imagine|pretend|suppose you|if you were|role-?play|act as|speak as|take on the role)\b/i,
    reason: 'a role is given',
  },
  {
    domain: 'instruction_following',
    points: 2,
    place: 'edges',
    pattern:
      /\b(?:exactly|no more than|at most|at least|fewer than|less than|up to) (?:\d{1,4}|two|three|four|five|six|ten) (?:words?|sentences?|lines?|paragraphs?|items?|bullet)|\b(?:in (?:all )?(?:capital|lower ?case|upper ?case)|bullet points?|start (?:every|each)|end (?:every|each|with)|do not use|without using|in the (?:style|form|format) of|as a table)\b/i,
    reason: 'the form of the answer is prescribed',
  },
];
