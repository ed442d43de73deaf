/* SPDX-License-Identifier: MIT */
/* What a name tells of its value, and what only looks like a credential. */
#include "schema/secrets.h"

#include <math.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool matches(const char *p, const char *word, size_t n) /* whatever the case */
{
	size_t k = 0;
	while (k < n && lower(p[k]) == word[k])
		k++;
	return k == n;
}

static bool holds(str s, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++)
		if (matches(s.p + i, word, n))
			return true;
	return false;
}

/* A short word in mixed case stands in what is random by chance. */
static bool holds_word(str s, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++) {
		size_t upper = 0;
		for (size_t k = 0; k < n; k++)
			upper += lower(s.p[i + k]) != s.p[i + k];
		if (matches(s.p + i, word, n) && (n > 5 || !upper || upper == n))
			return true;
	}
	return false;
}

static bool ends(str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && holds(str_sub(s, s.n - n, s.n), word);
}

static bool is(str s, const char *word)
{
	return s.n == strlen(word) && holds(s, word);
}

/* ---- values ----------------------------------------------------------------------- */
/* Between letters and digits, and between cases, within words. */
static size_t turns(str s)
{
	size_t n = 0;
	for (size_t i = 1; i < s.n; i++) {
		char a = s.p[i - 1], b = s.p[i];
		if ((is_digit(a) && is_letter(b)) || (is_letter(a) && is_digit(b)))
			n++;
		else if (is_letter(a) && is_letter(b))
			n += (lower(a) == a) != (lower(b) == b);
	}
	return n;
}

static double entropy(str s)
{
	size_t count[256] = { 0 };
	double bits = 0;
	for (size_t i = 0; i < s.n; i++)
		count[(unsigned char)s.p[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (count[i])
			bits -= (double)count[i] / (double)s.n * log2((double)count[i] / (double)s.n);
	return bits;
}

/* Words with - _ . / : between them, as names are made: each of letters, or of digits, or with a few digits at an end (k8s, oauth2). */
static bool is_words(str s)
{
	size_t at = 0, mixed = 0;
	if (turns(s) * 3 > s.n)
		return false;
	while (at <= s.n) {
		size_t end = at, digits = 0;
		while (end < s.n && (is_digit(s.p[end]) || is_letter(s.p[end])))
			digits += is_digit(s.p[end++]);
		str part = str_sub(s, at, end);
		if (end < s.n && !strchr("-_./:", s.p[end]))
			return false;
		if (digits && digits < part.n && (digits > 4 || turns(part) > 2))
			return false;
		mixed += digits && digits < part.n;
		at = end + 1;
	}
	return mixed < 3;
}

/* A path names a file: /run/secrets/db.  What base64 begins with a slash is none. */
static bool is_path(str s)
{
	if (s.p[0] != '/' && !str_starts(s, S("./")) && !str_starts(s, S("../")) && !str_starts(s, S("~/")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !is_letter(s.p[i]) && !strchr("-_./~@", s.p[i]))
			return false;
	return turns(s) * 4 <= s.n;
}

static bool is_variable(str s) /* $NAME, %NAME% */
{
	if (s.p[0] != '$' && s.p[0] != '%')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_' && !(s.p[0] == '%' && i + 1 == s.n && s.p[i] == '%'))
			return false;
	return s.n > 1 && (is_letter(s.p[1]) || s.p[1] == '_');
}

static bool is_hash(str s)
{
	static const char *const anywhere[] = { "$2a$", "$2b$", "$2y$", "$apr1$", "$argon2", "$pbkdf2", "$scrypt$", "$y$", "$5$", "$6$", "$1$", "{sha}", "{ssha}",
						"{bcrypt}", "scram-sha-256$", "pbkdf2_sha", "pbkdf2:", "scrypt:" };
	static const char *const begins[] = { "sha256:", "sha384:", "sha512:", "sha1:", "md5:", "sha256-", "sha384-", "sha512-" };
	for (size_t i = 0; i < COUNT(anywhere); i++)
		if (holds(s, anywhere[i]))
			return true;
	for (size_t i = 0; i < COUNT(begins); i++)
		if (str_starts(s, str_of(begins[i])))
			return true;
	return false;
}

bool secret_is_placeholder(str s)
{
	static const char *const anywhere[] = { "${", "{{", "$(", "<%", "%(", "#{", "example", "changeme", "change-me", "change_me", "change-this", "changethis", "placeholder", "redacted", "dummy",
						"your-", "your_", "yourpass", "yoursecret", "yourtoken", "xxxx", "****", "....", "todo", "fixme", "insert", "replace" };
	static const char *const begins[] = { "ENC[", "ENC(", "{cipher}", "vault:", "vault://", "$ANSIBLE_VAULT", "op://", "bws://", "ref+", "secretref", "AQICA", "age1", "!vault", "!secret ", "!env",
					      "!Ref", "!Sub", "arn:", "projects/", "file:", "env:", "ssm:", "awssm:", "gcpsm:", "akv://", "secretsmanager:" };
	if (!s.n || is_variable(s) || is_path(s) || (s.p[0] == '<' && s.p[s.n - 1] == '>') || (s.p[0] == '{' && s.p[s.n - 1] == '}') ||
	    (s.p[0] == '[' && s.p[s.n - 1] == ']') || (str_starts(s, S("__")) && ends(s, "__")) ||
	    (s.n > 2 && s.p[0] == '@' && s.p[s.n - 1] == '@'))
		return true;
	for (size_t i = 0; i < COUNT(anywhere); i++)
		if (holds_word(s, anywhere[i]))
			return true;
	for (size_t i = 0; i < COUNT(begins); i++)
		if (str_starts(s, str_of(begins[i])))
			return true;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] != s.p[0])
			return false;
	return true; /* one character again and again */
}

/* abcdefgh…, 12345678…, or the same few characters: what documents show in the place of a token. */
bool secret_is_sample(str token)
{
	size_t steps = 0;
	for (size_t i = 1; i < token.n; i++)
		steps += token.p[i] == token.p[i - 1] + 1 || token.p[i] == token.p[i - 1];
	return steps * 2 > token.n || (token.n >= 20 && entropy(token) < 2.8);
}

bool secret_is_random(str s)
{
	size_t digits = 0, letters = 0;
	for (size_t i = 0; i < s.n; i++) {
		digits += is_digit(s.p[i]);
		letters += is_letter(s.p[i]);
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~')
			return false;
	}
	return s.n >= 16 && (digits || s.n >= 32) && letters && turns(s) * 4 >= s.n && entropy(s) > 3.3 && !secret_is_sample(s);
}

/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx */
static bool is_uuid(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-' : !is_digit(s.p[i]) && !(lower(s.p[i]) >= 'a' && lower(s.p[i]) <= 'f'))
			return false;
	return s.n == 36;
}

/* What joins a node to a cluster of kubeadm or Talos: abcdef.0123456789abcdef */
static bool is_bootstrap_token(str s)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		digits += is_digit(s.p[i]);
		if (i == 6 ? s.p[i] != '.' : !is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	}
	return s.n == 23 && digits;
}

static bool says_nothing(str s)
{
	static const char *const words[] = { "none", "null", "true", "false", "enabled", "disabled", "required", "optional", "default", "unset", "empty", "auto",
					     "password", "passwd", "secret", "token", "string", "undefined" };
	for (size_t i = 0; i < COUNT(words); i++)
		if (is(s, words[i]))
			return true;
	return false;
}

bool secret_value(str value, enum telling how)
{
	enum { LONGEST = 4096 };
	if (value.n < 4 || value.n > LONGEST || secret_is_placeholder(value) || is_hash(value) || says_nothing(value) || str_find(value, S("://")) >= 0)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 || (value.p[i] == ' ' && how != TELLS_PASSPHRASE))
			return false;
	if (how == TELLS_PASSWORD || how == TELLS_PASSPHRASE)
		return true;
	if (how == TELLS_PERHAPS)
		return value.n <= 512 && secret_is_random(value) && !is_uuid(value) && !is_words(value);
	return value.n >= 16 && entropy(value) > 3 && (is_bootstrap_token(value) || (entropy(value) > 3.5 && !is_words(value) && !secret_is_sample(value)));
}

/* ---- names ------------------------------------------------------------------------- */
enum { NAME = 128, WORDS = 16 };

struct name {
	char joined[NAME]; /* lower case, letters and digits alone */
	size_t n;
	size_t starts[WORDS], words; /* of its words: db_password, dbPassword, DB-PASSWORD */
};

static bool begins_word(str key, size_t i)
{
	char c = key.p[i], before = i ? key.p[i - 1] : '_', after = i + 1 < key.n ? key.p[i + 1] : '_';
	if (!is_letter(before) && !is_digit(before))
		return true;
	return lower(c) != c && (lower(before) == before || (is_letter(after) && lower(after) == after));
}

static void take_apart(str key, struct name *out)
{
	out->n = out->words = 0;
	for (size_t i = 0; i < key.n && out->n < NAME - 1; i++) {
		if (!is_letter(key.p[i]) && !is_digit(key.p[i]))
			continue;
		if (begins_word(key, i) && out->words < WORDS)
			out->starts[out->words++] = out->n;
		out->joined[out->n++] = lower(key.p[i]);
	}
	out->joined[out->n] = '\0';
}

static bool last_word(const struct name *x, const char *word)
{
	return x->words && strcmp(x->joined + x->starts[x->words - 1], word) == 0;
}

static bool any_word(const struct name *x, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i < x->words; i++) {
		size_t end = i + 1 < x->words ? x->starts[i + 1] : x->n;
		if (end - x->starts[i] == n && memcmp(x->joined + x->starts[i], word, n) == 0)
			return true;
	}
	return false;
}

static enum telling word_tells(const struct name *x, str joined)
{
	static const char *const sure[] = { "password", "passwd", "passphrase", "passcode", "pwd" };
	static const char *const perhaps[] = { "secret", "token", "apikey", "appkey", "accesskey", "privatekey", "credential", "encryptionkey", "signingkey", "masterkey", "authkey",
					       "presharedkey", "sharedkey", "licensekey", "routingkey", "servicekey", "integrationkey", "ingestkey", "sessionkey", "accountkey",
					       "storagekey", "clientkey", "deploykey", "hmackey", "aeskey", "webhookkey", "bearer", "secretid", "authorization" };
	static const char *const no_pass[] = { "bypass", "compass", "trespass", "proxypass", "fastcgipass", "uwsgipass", "grpcpass", "onepass", "keepass", "firstpass", "secondpass" };
	for (size_t i = 0; i < COUNT(sure); i++)
		if (holds(joined, sure[i]))
			return TELLS_PASSWORD;
	bool pass = ends(joined, "pass");
	for (size_t i = 0; i < COUNT(no_pass); i++)
		pass = pass && !ends(joined, no_pass[i]);
	if (pass || last_word(x, "pw") || last_word(x, "psk"))
		return TELLS_PASSWORD;
	for (size_t i = 0; i < COUNT(perhaps); i++)
		if (holds(joined, perhaps[i]))
			return TELLS_SECRET;
	return TELLS_NOTHING;
}

/* passwordFile, tokenTTL, secretName: something about a credential.  Four letters and more count without a word's begin. */
static bool is_about(const struct name *x, str joined, enum telling found)
{
	static const char *const last[] = { "name", "names", "ref", "refs", "path", "paths", "file", "files", "dir", "url", "uri", "urls", "endpoint", "ttl", "expiry", "expiration", "expires",
					    "lifetime", "duration", "timeout", "length", "len", "type", "types", "kind", "id", "ids", "uid", "field", "fields", "count", "class", "provider",
					    "store", "min", "max", "hash", "hashed", "digest", "sha", "sha1", "sha256", "md5", "version", "interval", "format", "encoding", "source",
					    "method", "mode", "scope", "scopes", "audience", "location", "var", "env", "command", "cmd", "script", "template", "label", "labels", "annotations",
					    "hint", "message", "text", "title", "description", "help", "error", "regex", "pattern", "charset", "generator", "manager",
					    "engine", "backend", "policy", "user", "username", "login", "grant", "status", "state", "mount", "url", "host", "port", "enable", "enabled", "disabled" };
	static const char *const any[] = { "policy", "enabled", "existing", "namespace", "algorithm", "issuer", "prefix", "suffix", "annotations", "labels", "header", "checksum",
					   "fingerprint", "thumbprint", "rotate", "rotation", "public", "placeholder", "length", "strength", "expiration", "interval", "allow", "disable", "require" };
	if (ends(joined, "secretid"))
		return false;
	for (size_t i = 0; i < COUNT(last); i++)
		if (last_word(x, last[i]) || (strlen(last[i]) >= 4 && ends(joined, last[i])))
			return true;
	for (size_t i = 0; i < COUNT(any); i++)
		if (any_word(x, any[i]) || (strlen(any[i]) >= 6 && holds(joined, any[i])))
			return true;
	/* passwordKey, passwordSecret: where in which Secret it is */
	return found == TELLS_PASSWORD && (last_word(x, "key") || last_word(x, "secret") || ends(joined, "passwordkey") || ends(joined, "passwordsecret"));
}

enum telling secret_name(str key)
{
	struct name x;
	take_apart(key, &x);
	str joined = { x.joined, x.n };
	enum telling found = word_tells(&x, joined);
	return found && is_about(&x, joined, found) ? TELLS_NOTHING : found;
}

bool secret_names_keys(str key)
{
	return ends(key, "keys") || ends(key, "ref") || ends(key, "keymapping") || ends(key, "fields");
}

bool secret_holds_more(str key)
{
	return is(key, "secrets") || is(key, "credentials") || is(key, "tokens") || ends(key, "Secrets") || is(key, "secretData");
}
