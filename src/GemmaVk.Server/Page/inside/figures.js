// What a message's stream said about speed, as numbers. The server's timings count once they are there; until then, the page's own clock.

const WINDOW = 2000;

/** { speed, first, tokens, prompt, promptSpeed, cached, share, drafted, accepted } of a message; a number that is unknown is null. */
export function figuresOf(message) {
  const { timings = {}, usage = {}, figures = {} } = message;
  const accepted = timings.draft_n_accepted ?? null;
  return {
    speed: timings.predicted_per_second ?? liveSpeed(figures),
    first: figures.first ?? null,
    tokens: usage.completion_tokens ?? message.tokens?.length ?? (figures.chunks?.length || null),
    prompt: usage.prompt_tokens ?? timings.prompt_n ?? null,
    promptSpeed: timings.prompt_per_second ?? null,
    cached: usage.prompt_tokens_details?.cached_tokens ?? timings.cache_n ?? null,
    share: timings.gemmavk?.bandwidth_share ?? null,
    drafted: timings.draft_n ?? null,
    accepted,
    acceptance: timings.draft_n > 0 ? accepted / timings.draft_n : liveAcceptance(message),
  };
}

/** Tokens per second over the last two seconds, or null before the second chunk. */
export function liveSpeed({ chunks = [] }) {
  if (chunks.length < 2) {
    return null;
  }

  const end = chunks[chunks.length - 1][0];
  const recent = chunks.filter(([at]) => at >= end - WINDOW);
  const span = end - recent[0][0];
  return span > 0 ? (recent.slice(1).reduce((sum, [, tokens]) => sum + tokens, 0) * 1000) / span : null;
}

function liveAcceptance({ tokens = [] }) {
  return tokens.some((token) => token.drafted) ? tokens.filter((token) => token.drafted).length / tokens.length : null;
}

/** Milliseconds as seconds or milliseconds, whichever is read faster. */
export function time(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Bytes with two digits that count. */
export function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }

  return `${bytes >= 100 || unit === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

export function percent(share) {
  return `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

export function speedText(speed) {
  return speed >= 100 ? Math.round(speed).toLocaleString('en') : speed.toFixed(1);
}
