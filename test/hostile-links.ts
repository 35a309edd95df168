import { deflateRawSync } from 'node:zlib'

/** A link that holds these bytes or this JSON, whether or not anybody's program would write it. */
export function packed(content: unknown, version = '1'): string {
  const bytes =
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return `#s${version}.${deflateRawSync(bytes).toString('base64url')}`
}

const code = 'export default class {}'
const good = packed({ f: code })
const claim = { c: [0.1, 0.2, 1, 0.05, 3, 12, 100], g: '0123456789abcdef', e: '0.1.0' }
const nested = (depth: number, open: string, close: string, core: string) =>
  open.repeat(depth) + core + close.repeat(depth)

/** Links that nobody should be able to do harm with: what each is, the link, and what its reader is told. */
export const hostileLinks: readonly (readonly [what: string, link: string, told: RegExp])[] = [
  // The form
  ['a link without content', '#s1.', /incomplete/],
  ['version nought', '#s0.AAAA', /not a link that Outcry made/],
  ['a version from the future', good.replace('#s1', '#s2'), /form 2, from a newer Outcry/],
  ['a version of nine digits', good.replace('#s1', '#s999999999'), /not a link that Outcry made/],
  ['letters that base64url does not have', '#s1.%3Cscript%3E', /character that no such link has, at place 1/],
  ['markup behind the payload', `${good}<img src=x onerror=alert(1)>`, /character that no such link has/],
  ['a payload in standard base64', `${good}+/==`, /character that no such link has/],
  ['an impossible length of base64', '#s1.AAAAA', /incomplete/],
  ['letters of another script that look alike', good.replace('#s1.', '#s1.а'), /at place 1/],
  ['a line break and a second link', `${good}\n${good}`, /character that no such link has/],
  ['40,000 characters', `#s1.${'A'.repeat(40_000)}`, /40,004 characters; at most 32,768/],
  // The packing
  [
    'noise instead of deflate',
    `#s1.${Buffer.from('not deflate at all').toString('base64url')}`,
    /incomplete/,
  ],
  ['deflate cut in the middle', good.slice(0, -8), /incomplete/],
  ['a zip bomb of 24 MB', packed(Buffer.alloc(24_000_000)), /more than 256 KB/],
  ['a zip bomb of code', packed({ f: ' '.repeat(300_000) }), /more than 256 KB/],
  ['bytes that are no text', packed(Buffer.from([0xff, 0xfe, 0x00, 0x80])), /not a shared strategy/],
  // The JSON
  ['nothing inside', packed(''), /not a shared strategy/],
  ['JSON that ends early', packed('{"f":"x"'), /not a shared strategy/],
  ['NaN, which JSON does not have', packed('{"f":"x","s":{"cash":NaN}}'), /not a shared strategy/],
  ['a script instead of JSON', packed('alert(document.cookie)'), /not a shared strategy/],
  ['a number', packed('1e999'), /link is Infinity; expected an object/],
  ['null', packed('null'), /link is null; expected an object/],
  ['a list', packed([code]), /link is a list of 1; expected an object/],
  ['lists within lists, 50,000 deep', packed(nested(50_000, '[', ']', '1')), /levels deep/],
  ['objects within objects, 20,000 deep', packed(nested(20_000, '{"f":', '}', '"x"')), /levels deep/],
  ['30,000 inputs', packed({ f: code, p: Array(30_000).fill(0) }), /more than 20000 values/],
  ['an unknown field', packed({ f: code, run: true }), /link\.run is there; expected no field of this name/],
  // Prototypes
  ['__proto__', packed('{"f":"x","__proto__":{"polluted":true}}'), /JavaScript keeps this one for itself/],
  [
    'constructor.prototype',
    packed('{"f":"x","constructor":{"prototype":{"polluted":true}}}'),
    /keeps this one/,
  ],
  ['__proto__ among the settings', packed('{"f":"x","s":{"__proto__":{"polluted":true}}}'), /keeps this one/],
  ['__proto__ among the inputs', packed('{"f":"x","p":{"__proto__":5}}'), /keeps this one/],
  ['a file called __proto__', packed('{"f":{"__proto__":"x"}}'), /keeps this one/],
  // The files
  ['no file', packed({ f: {} }), /link\.source\.entry|link\.source/],
  ['a file that is a number', packed({ f: 5 }), /link\.f is 5; expected a file's text/],
  [
    'nine files',
    packed({ f: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}.ts`, 'x'])) }),
    /at most 8/,
  ],
  [
    'a file outside of the strategy',
    packed({ f: { '../../etc/passwd.ts': 'x' } }),
    /a file name such as strategy\.ts/,
  ],
  ['an absolute file', packed({ f: { '/strategy.ts': 'x' } }), /a file name such as strategy\.ts/],
  ['a page for a file', packed({ f: { 'index.html': '<script>' } }), /a file name such as strategy\.ts/],
  ['a file name that turns around', packed({ f: { 'gpj.\u202est.ts': 'x' } }), /a file name such as/],
  ['an abbreviation that does not exist', packed({ f: 'a~!b' }), /no abbreviation "~!"/],
  ['an abbreviation that is cut', packed({ f: 'a~' }), /no abbreviation "~"/],
  [
    'abbreviations that spell out to megabytes',
    packed({ f: '~a'.repeat(100_000) }),
    /longer than \d+ letters/,
  ],
  // The name
  ['a name of nothing', packed({ n: ' ', f: code }), /link\.name is ' '; expected a text of 1 to 80/],
  ['a name of 5,000 letters', packed({ n: 'x'.repeat(5000), f: code }), /link\.name is 'x{60}…'/],
  ['a name that is an object', packed({ n: { toString: 'x' }, f: code }), /link\.name is an object/],
  ['a name that turns the line around', packed({ n: 'Safe \u202eevil', f: code }), /\\u\{202e\}evil/],
  ['a name with control characters', packed({ n: 'Safe\u0000\u001b[31m', f: code }), /\\u\{0\}\\u\{1b\}/],
  ['a name of letters without width', packed({ n: '\u200b\u200b', f: code }), /without control characters/],
  ['a name of half a character', packed('{"n":"\\ud800","f":"x"}'), /without control characters/],
  // Numbers
  [
    'cash without end',
    packed('{"f":"x","s":{"cash":1e999}}'),
    /link\.settings\.cash is Infinity; expected a number from 1/,
  ],
  ['negative cash', packed({ f: code, s: { cash: -5 } }), /link\.settings\.cash is -5/],
  ['cash as a text', packed({ f: code, s: { cash: '1e4' } }), /link\.settings\.cash is '1e4'/],
  [
    'a seed of half',
    packed({ f: code, s: { seed: 0.5 } }),
    /link\.settings\.seed is 0\.5; expected a whole number/,
  ],
  [
    'a commission of all',
    packed({ f: code, s: { costs: { commission: 1, slippage: 0 } } }),
    /costs\.commission is 1/,
  ],
  ['settings as a list', packed({ f: code, s: [1, 2, 3] }), /link\.settings\.0|settings\[0\]/],
  [
    'a setting that no version knows',
    packed({ f: code, s: { autorun: true } }),
    /settings\.autorun is there/,
  ],
  ['an input that is code', packed({ f: code, p: { fast: { valueOf: 1 } } }), /inputs\.fast is an object/],
  ['markup for the name of an input', packed({ f: code, p: { '<svg onload=x>': 1 } }), /a word such as fast/],
  // Data
  ['data by an address', packed({ f: code, d: 'https://example.com/x.csv' }), /a name such as aapl/],
  ['data by a path', packed({ f: code, d: '../secret' }), /a name such as aapl/],
  ['a market of a billion agents', packed({ f: code, m: { agents: 1e9 } }), /market\.agents is 1000000000/],
  [
    'imported data without its hash',
    packed({ f: code, d: 'imported:me', i: ['x', 0, 1, 2] }),
    /64 hexadecimal digits/,
  ],
  [
    'imported data with a name that lies',
    packed({ f: code, d: `imported:${'a'.repeat(64)}`, i: ['\u202egnp.exe', 0, 1, 2] }),
    /link\.data\.name/,
  ],
  [
    'imported data of a time beyond all calendars',
    packed({ f: code, d: `imported:${'a'.repeat(64)}`, i: ['x', -1e300, 1e300, 2] }),
    /link\.data\.from/,
  ],
  // Claims
  [
    'figures that are texts',
    packed({ f: code, ...claim, c: ['<b>', 0, 0, 0, 0, 0, 0] }),
    /figures\.totalReturn is '<b>'/,
  ],
  [
    'figures without end',
    packed('{"f":"x","c":[1e999,0,0,0,0,0,0],"g":"0123456789abcdef","e":"1"}'),
    /totalReturn is Infinity/,
  ],
  [
    'a digest that is no digest',
    packed({ f: code, ...claim, g: '<script>alert(1)</script>' }),
    /hexadecimal digits/,
  ],
  ['claims without a digest', packed({ f: code, c: claim.c, e: '0.1.0' }), /digest is nothing/],
  ['an engine that is markup', packed({ f: code, ...claim, e: '<img src=x>' }), /a version such as 0\.1\.0/],
  ['minus one trade', packed({ f: code, ...claim, c: [0, 0, 0, 0, -1, 0, 0] }), /figures\.trades is -1/],
  ['a view of nowhere', packed({ f: code, v: [0, 1e300, -1e300] }), /link\.view\.from/],
  ['a view of an instrument beyond all', packed({ f: code, v: [1e9] }), /link\.view\.instrument/],
]
