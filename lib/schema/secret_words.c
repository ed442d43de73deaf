/* SPDX-License-Identifier: MIT */
/* What a name tells of its value, and what only looks like a credential. */
#include "schema/secrets.h"

#include <math.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool holds(str s, const char *word) /* whatever the case */
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++) {
		size_t k = 0;
		while (k < n && lower(s.p[i + k]) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static bool ends(str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && holds(str_sub(s, s.n - n, s.n), word);
}

bool secret_is_placeholder(str s)
{
	static const char *const anywhere[] = { "${", "{{", "$(", "example", "changeme", "change-me", "change_me", "placeholder", "redacted", "dummy", "your-",
						"your_", "xxxx", "****", "....", "<", "todo", "insert", "replace" };
	static const char *const begins[] = { "ENC[", "vault:", "op://", "ref+", "AQICA", "age1", "!", "$", "%", "arn:", "projects/", "file:", "env:" };
	for (size_t i = 0; i < COUNT(anywhere); i++)
		if (holds(s, anywhere[i]))
			return true;
	for (size_t i = 0; i < COUNT(begins); i++)
		if (str_starts(s, str_of(begins[i])))
			return true;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] != s.p[0])
			return s.p[0] == '/'; /* a path names a file */
	return true; /* empty, or one character again and again */
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

enum telling secret_name(str key)
{
	static const char *const sure[] = { "password", "passwd", "passphrase", "pwd" };
	static const char *const perhaps[] = { "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "privatekey",
					       "private_key", "private-key", "credential", "encryptionkey", "encryption_key", "encryption-key", "signingkey",
					       "signing_key", "signing-key", "masterkey", "master_key", "master-key", "authkey", "auth_key", "auth-key", "presharedkey" };
	static const char *const no[] = { "name", "ref", "path", "file", "url", "policy", "ttl", "expir", "length", "type", "kind", "enabled", "mount", "id",
					  "header", "field", "key_ref", "existing", "namespace", "count", "algorithm", "issuer", "class", "prefix", "suffix",
					  "provider", "store", "annotations", "labels", "min", "max", "rotat", "hash", "version", "checksum", "interval" };
	enum telling found = TELLS_NOTHING;
	for (size_t i = 0; i < COUNT(sure); i++)
		if (holds(key, sure[i]))
			found = TELLS_PASSWORD;
	if (found == TELLS_PASSWORD && ends(key, "key")) /* passwordKey: where in a Secret it is */
		return TELLS_NOTHING;
	for (size_t i = 0; !found && i < COUNT(perhaps); i++)
		if (holds(key, perhaps[i]))
			found = TELLS_SECRET;
	for (size_t i = 0; found && i < COUNT(no); i++)
		if (ends(key, no[i]) || (strlen(no[i]) > 5 && holds(key, no[i])))
			return TELLS_NOTHING;
	return found;
}

bool secret_names_keys(str key)
{
	return ends(key, "keys") || ends(key, "ref") || ends(key, "keymapping") || ends(key, "fields");
}

/* Words with - _ . / between them, as names are made: every part is all letters, or all digits, and its case seldom changes. */
static bool is_words(str s)
{
	int kind = 0; /* of the part so far: 1 letters, 2 digits */
	size_t turns = 0;
	for (size_t i = 1; i < s.n; i++)
		turns += lower(s.p[i]) != s.p[i] ? lower(s.p[i - 1]) == s.p[i - 1] : lower(s.p[i - 1]) != s.p[i - 1];
	if (turns * 3 > s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool d = c >= '0' && c <= '9', l = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!d && !l && !strchr("-_./:", c))
			return false;
		if ((d && kind == 1) || (l && kind == 2))
			return false;
		kind = d ? 2 : l ? 1 : 0;
	}
	return true;
}

bool secret_value(str value, enum telling how)
{
	if (secret_is_placeholder(value) || value.n < 4 || value.n > 512 || str_chr(value, ' ') >= 0 || str_chr(value, '\n') >= 0)
		return false;
	return how == TELLS_PASSWORD || (value.n >= 16 && entropy(value) > 3.5 && !is_words(value));
}

/* ---- lines of a configuration within a value ---------------------------------------- */
static bool in_name(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* What code computes is no value; a word alone is too little to go by. */
static bool is_literal(str value)
{
	bool digit = false, letter = false;
	for (size_t i = 0; i < value.n; i++) {
		if (strchr("()[]{}$<>`*|\\", value.p[i]))
			return false;
		digit |= value.p[i] >= '0' && value.p[i] <= '9';
		letter |= lower(value.p[i]) >= 'a' && lower(value.p[i]) <= 'z';
	}
	return digit && letter;
}

static bool assignment(str line, str *name, str *value)
{
	size_t i = 0;
	while (i < line.n && line.p[i] != '=' && line.p[i] != ':')
		i++;
	if (!i || i >= line.n)
		return false;
	size_t end = i;
	while (end && strchr(" \t\"'", line.p[end - 1]))
		end--;
	size_t start = end;
	while (start && in_name(line.p[start - 1]))
		start--;
	*name = str_sub(line, start, end);
	*value = str_trim(str_sub(line, i + 1, line.n));
	while (value->n && strchr(",;", value->p[value->n - 1]))
		value->n--;
	if (value->n > 1 && strchr("\"'", value->p[0]) && value->p[value->n - 1] == value->p[0])
		*value = str_sub(*value, 1, value->n - 1);
	return name->n && value->n && line.p[0] != '#' && !str_starts(line, S("//")) && is_literal(*value);
}

bool secret_assignment(str text, size_t *at, str *name, str *value)
{
	while (*at < text.n) {
		str rest = str_sub(text, *at, text.n);
		ptrdiff_t end = str_chr(rest, '\n');
		str line = str_trim(str_sub(rest, 0, end < 0 ? rest.n : (size_t)end));
		*at += end < 0 ? rest.n : (size_t)end + 1;
		if (line.n < 1000 && assignment(line, name, value))
			return true;
	}
	return false;
}
