const SHOWN_PARAMETERS = new Set([
  'digest',
  'n',
  'last',
  'mount',
  'from',
  'artifactType',
  'api-version',
  'scope',
  'service',
]);

/** The URL as it may be shown: no user name, no password, and query values only where they cannot be secret. */
export function redactUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  const parameters = [...url.searchParams].map(([name, value]) => {
    return `${encodeURIComponent(name)}=${SHOWN_PARAMETERS.has(name) ? shownValue(value) : 'REDACTED'}`;
  });
  shown.search = parameters.join('&');
  return shown.href;
}

/** The query values that `redactUrl` leaves out. */
export function redactedValues(url: URL): string[] {
  return [...url.searchParams].filter(([name]) => !SHOWN_PARAMETERS.has(name)).map(([, value]) => value);
}

/** A text of another program as it may be shown: each URL in it redacted. */
export function redactUrlsIn(text: string): string {
  return text.replace(/https?:\/\/[^\s"'<>]+/g, (found) =>
    URL.canParse(found) ? redactUrl(new URL(found)) : '(address)',
  );
}

function shownValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',');
}
