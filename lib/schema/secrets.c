/* SPDX-License-Identifier: MIT */
/* Credentials in values: known token formats, with their checksums, and passwords in telling places.  No value is ever shown. */
#include "schema/schema.h"

#include "schema/findings.h"
#include "schema/internal.h"

#include <math.h>
#include <string.h>

/* What a token begins with decides which expression is tried. */
static const struct token {
	const char *rule, *what, *prefix, *pattern;
	int checksum; /* characters of a base 62 CRC-32 at its end */
} tokens[] = {
	{ "secret/private-key", "a private key", "-----BEGIN ", "-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----[\\s\\\\nr]+[A-Za-z0-9+/=\\s\\\\:,-]{40}", 0 },
	{ "secret/age-key", "an age key", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", 0 },
	{ "secret/aws-key", "an AWS access key", "AKIA", "\\bAKIA[A-Z2-7]{16}\\b", 0 },
	{ "secret/aws-key", "an AWS access key", "ASIA", "\\bASIA[A-Z2-7]{16}\\b", 0 },
	{ "secret/github-token", "a GitHub token", "gh", "\\bgh[pousr]_[A-Za-z0-9]{36}\\b", 6 },
	{ "secret/github-token", "a GitHub token", "github_pat_", "\\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\\b", 0 },
	{ "secret/npm-token", "an npm token", "npm_", "\\bnpm_[A-Za-z0-9]{36}\\b", 6 },
	{ "secret/gitlab-token", "a GitLab token", "gl", "\\bgl(pat|dt|rt|soat|cbt|ptt|ft|imt|agent)-[A-Za-z0-9_-]{20,}", 0 },
	{ "secret/slack-token", "a Slack token", "xox", "\\bxox[abeoprs]-[A-Za-z0-9-]{20,}", 0 },
	{ "secret/slack-webhook", "a Slack webhook", "hooks.slack.com/", "hooks\\.slack\\.com/(services|workflows|triggers)/[A-Za-z0-9+/]{30,}", 0 },
	{ "secret/discord-webhook", "a Discord webhook", "/api/webhooks/", "discord(app)?\\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}", 0 },
	{ "secret/google-key", "a Google API key", "AIza", "\\bAIza[0-9A-Za-z_-]{35}", 0 },
	{ "secret/stripe-key", "a Stripe key", "_live_", "\\b[rs]k_live_[0-9A-Za-z]{20,}", 0 },
	{ "secret/pypi-token", "a PyPI token", "pypi-", "\\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", 0 },
	{ "secret/sendgrid-key", "a SendGrid key", "SG.", "\\bSG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}", 0 },
	{ "secret/digitalocean-token", "a DigitalOcean token", "_v1_", "\\bdo[por]_v1_[a-f0-9]{64}\\b", 0 },
	{ "secret/openai-key", "an OpenAI key", "T3BlbkFJ", "\\bsk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}", 0 },
	{ "secret/anthropic-key", "an Anthropic key", "sk-ant-", "\\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}", 0 },
	{ "secret/vault-token", "a Vault token", "hv", "\\bhv[sb]\\.[A-Za-z0-9_-]{24,}", 0 },
	{ "secret/docker-token", "a Docker token", "dckr_pat_", "\\bdckr_pat_[A-Za-z0-9_-]{27}", 0 },
	{ "secret/telegram-token", "a Telegram token", ":AA", "\\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\\b", 0 },
	{ "secret/azure-key", "an Azure storage key", "AccountKey=", "AccountKey=[A-Za-z0-9+/]{86}==", 0 },
	{ "secret/jwt", "a JSON Web Token", "eyJ", "\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{20,}", 0 },
	{ "secret/url-password", "a password in a URL", "://", "[a-z][a-z0-9+.-]*://[^/\\s:@${}<>*]*:[^/\\s:@${}<>*]{3,}@[A-Za-z0-9\\[]", 0 },
};
struct secrets {
	struct arena *a;
	struct regex *regexes[COUNT(tokens)];
	struct regex_room *room;
	struct findings *findings;
	const struct node *doc;
	bool secret; /* a Kubernetes Secret */
};

struct secrets *secrets_new(struct arena *a, struct findings *f)
{
	struct secrets *x = NEW(a, struct secrets);
	x->a = a;
	x->findings = f;
	x->room = regex_room_new(a);
	return x;
}

void secrets_free(struct secrets *x)
{
	for (size_t i = 0; x && i < COUNT(tokens); i++)
		if (x->regexes[i])
			regex_free(x->regexes[i]);
	if (x)
		regex_room_free(x->room);
}

/* ---- what is no credential ------------------------------------------------------- */
static bool holds(str s, const char *word) /* whatever the case */
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++) {
		size_t k = 0;
		while (k < n && (s.p[i + k] >= 'A' && s.p[i + k] <= 'Z' ? s.p[i + k] + 32 : s.p[i + k]) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

/* Templates, references to elsewhere, encrypted values, examples. */
static bool is_placeholder(str s)
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

/* ---- checksums ------------------------------------------------------------------- */
static uint32_t crc32(str s)
{
	uint32_t c = 0xFFFFFFFF;
	for (size_t i = 0; i < s.n; i++) {
		c ^= (unsigned char)s.p[i];
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xEDB88320 : c >> 1;
	}
	return ~c;
}

/* GitHub's and npm's tokens end in a CRC-32 of what stands between "_" and it. */
static bool checksum_fits(str text, const struct token *t)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	for (size_t at = 0; at + 40 <= text.n; at++) {
		if (text.p[at + 3] != '_' || strncmp(text.p + at, t->prefix, strlen(t->prefix)) != 0)
			continue;
		str body = str_sub(text, at + 4, at + 34), sum = str_sub(text, at + 34, at + 40);
		uint64_t v = 0;
		for (size_t i = 0; i < sum.n; i++) {
			const char *p = strchr(digits, sum.p[i]);
			v = v * 62 + (uint64_t)(p ? p - digits : 0);
		}
		if (v == crc32(body))
			return true;
	}
	return false;
}

/* ---- finding ---------------------------------------------------------------------- */
struct place {
	const struct place *up;
	const struct entry *entry;
	size_t index;
};

static str pointer_to(struct arena *a, const struct place *at)
{
	if (!at)
		return (str){ "", 0 };
	str up = pointer_to(a, at->up);
	return at->entry ? pointer_add_key(a, up, entry_key(at->entry)) : pointer_add_index(a, up, at->index);
}

static void report(struct secrets *x, struct arena *a, const char *rule, const struct node *n, const struct place *at, str message)
{
	struct finding f = { .severity = SEV_ERROR, .rule = rule, .pos = node_pos(n), .path = pointer_to(a, at), .message = message };
	struct kube_id id;
	if (kube_identify(x->doc, &id, NULL))
		kube_finding_id(&f, x->doc, &id);
	findings_put(x->findings, &f);
}

static bool find_token(struct secrets *x, struct arena *a, const struct node *n, str text, const struct place *at)
{
	for (size_t i = 0; i < COUNT(tokens); i++) {
		const char *error;
		size_t offset;
		if (str_find(text, str_of(tokens[i].prefix)) < 0)
			continue;
		if (!x->regexes[i])
			x->regexes[i] = regex_compile(x->a, str_of(tokens[i].pattern), REGEX_ECMA, &error, &offset);
		if (!x->regexes[i] || regex_match(x->room, x->regexes[i], text) != 1 || holds(text, "example") || holds(text, "xxxx"))
			continue;
		if (tokens[i].checksum && !checksum_fits(text, &tokens[i]))
			continue;
		report(x, a, tokens[i].rule, n, at, str_printf(a, "%s stands here in plain text (%zu characters): take it out of the file, and make a new one",
							     tokens[i].what, text.n));
		return true;
	}
	return false;
}

/* 2: the name of a password; 1: of something that may be secret. */
static int telling(str key)
{
	static const char *const sure[] = { "password", "passwd", "passphrase", "pwd" };
	static const char *const perhaps[] = { "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "privatekey",
					       "private_key", "private-key", "clientsecret", "credential", "encryptionkey", "encryption_key" };
	static const char *const no[] = { "name", "ref", "path", "file", "url", "policy", "ttl", "expir", "length", "type", "kind", "enabled", "mount", "id",
					  "header", "field", "key_ref", "existing", "namespace", "count", "algorithm", "issuer", "class", "prefix", "suffix", "provider", "store", "annotations", "labels", "min", "max", "rotat" };
	int found = 0;
	for (size_t i = 0; i < COUNT(sure); i++)
		if (holds(key, sure[i]))
			found = 2;
	for (size_t i = 0; !found && i < COUNT(perhaps); i++)
		if (holds(key, perhaps[i]))
			found = 1;
	for (size_t i = 0; found && i < COUNT(no); i++) {
		size_t n = strlen(no[i]);
		bool ends = key.n >= n && holds(str_sub(key, key.n - n, key.n), no[i]);
		if (ends || (n > 5 && holds(key, no[i])))
			return 0;
	}
	return found;
}

/* Words with - _ . / between them, as names are made: every part is all letters, or all digits. */
static bool is_words(str s)
{
	int kind = 0; /* of the part so far: 1 letters, 2 digits */
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

static bool looks_secret(str text, int how)
{
	if (is_placeholder(text) || text.n < 4 || text.n > 512 || str_chr(text, ' ') >= 0 || str_chr(text, '\n') >= 0)
		return false;
	return how == 2 ? text.n >= 4 : text.n >= 16 && entropy(text) > 3.5 && !is_words(text);
}

static void find_password(struct secrets *x, struct arena *a, const struct node *n, str key, str text, const struct place *at)
{
	int how = telling(key);
	if (!how || !looks_secret(text, how))
		return;
	report(x, a, how == 2 ? "secret/password" : "secret/high-entropy", n, at,
	       str_printf(a, "the value of \"%.*s\" looks like a credential in plain text (%zu characters): %s", STR_ARG(key), text.n,
			  x->secret ? "a Secret only encodes it; seal it, or keep it in a store outside" : "refer to a Secret instead"));
}

static void scalar(struct secrets *x, struct arena *a, const struct node *parent, const struct node *n, const struct place *at, bool encoded)
{
	str text = node_text(n), key = at->entry ? entry_key(at->entry) : (str){ 0 };
	if (n->kind != NODE_STRING && n->kind != NODE_INT)
		return;
	if (encoded && !format_base64(a, text, &text))
		return;
	if (n->kind == NODE_STRING && find_token(x, a, n, text, at))
		return;
	if (str_eq(key, S("value")) && node_get_str(parent, S("name")).n) /* {name: DB_PASSWORD, value: …} */
		key = node_get_str(parent, S("name"));
	if (key.n)
		find_password(x, a, n, key, text, at);
}

static void walk(struct secrets *x, struct arena *a, const struct node *n, const struct place *up, bool encoded)
{
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		struct place here = { up, n->kind == NODE_MAP ? &n->entries[i] : NULL, i };
		const struct node *v = here.entry ? here.entry->value : n->items[i];
		if (v->kind >= NODE_SEQ)
			walk(x, a, v, &here, encoded);
		else
			scalar(x, a, n, v, &here, encoded);
	}
}

/* The data of a Secret is base64. */
static void document(struct secrets *x, struct arena *a, const struct node *doc)
{
	bool secret = x->secret = str_eq(node_get_str(doc, S("kind")), S("Secret")) && node_get(doc, S("apiVersion")) && !node_get(doc, S("sops"));
	static const char *const elsewhere[] = { "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "PushSecret" }; /* they name keys */
	bool sealed = false;
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		sealed |= str_eq(node_get_str(doc, S("kind")), str_of(elsewhere[i]));
	for (size_t i = 0; doc->kind == NODE_MAP && i < doc->n && !sealed; i++) {
		struct place here = { NULL, &doc->entries[i], i };
		const struct node *v = here.entry->value;
		if (v->kind >= NODE_SEQ)
			walk(x, a, v, &here, secret && str_eq(entry_key(here.entry), S("data")));
		else
			scalar(x, a, doc, v, &here, false);
	}
	if (doc->kind == NODE_SEQ)
		walk(x, a, doc, NULL, false);
}

void secrets_check(struct secrets *x, struct arena *scratch, const struct node *doc)
{
	x->doc = doc;
	document(x, scratch, doc);
}
