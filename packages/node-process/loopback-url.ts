/**
 * Returns whether the text is an HTTP or HTTPS URL whose host is this machine.
 *
 * @example
 * isLoopbackUrl("http://127.0.0.1:4566"); // true
 */
export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return /^https?:$/.test(protocol) && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname);
}
