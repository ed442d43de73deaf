/* SPDX-License-Identifier: MIT */
/* Tokens of known form: what they begin with, how they go on, and their checksums. */
#include "schema/secrets.h"

#include <string.h>

enum check { CHECK_NONE, CHECK_BASE62, CHECK_HEX, CHECK_BECH32, CHECK_BASIC, CHECK_VALUE, CHECK_PRIVATE };

/* What a token begins with decides which expression is tried. */
static const struct token {
	const char *rule, *what, *prefix, *pattern;
	enum check check;
} forms[] = {
	{ "secret/private-key", "a private key", "-----BEGIN ", "-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----[\\s\\\\nr]+[A-Za-z0-9+/=\\s\\\\:,-]{40}", CHECK_PRIVATE },
	{ "secret/age-key", "an age key", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", CHECK_BECH32 },
	{ "secret/aws-key", "an AWS access key", "AKIA", "\\bAKIA[A-Z2-7]{16}\\b", CHECK_NONE },
	{ "secret/aws-key", "an AWS access key", "ASIA", "\\bASIA[A-Z2-7]{16}\\b", CHECK_NONE },
	{ "secret/github-token", "a GitHub token", "gh", "\\bgh[pousr]_[A-Za-z0-9]{36}\\b", CHECK_BASE62 },
	{ "secret/github-token", "a GitHub token", "github_pat_", "\\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\\b", CHECK_NONE },
	{ "secret/npm-token", "an npm token", "npm_", "\\bnpm_[A-Za-z0-9]{36}\\b", CHECK_BASE62 },
	{ "secret/gitlab-token", "a GitLab token", "gl", "\\bgl(pat|dt|rt|soat|cbt|ptt|ft|imt|agent|ffct)-[A-Za-z0-9_-]{20,}", CHECK_NONE },
	{ "secret/gitlab-token", "a GitLab token", "GR1348941", "\\bGR1348941[A-Za-z0-9_-]{20}", CHECK_NONE },
	{ "secret/grafana-token", "a Grafana token", "glsa_", "\\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\\b", CHECK_HEX },
	{ "secret/grafana-token", "a Grafana Cloud token", "glc_", "\\bglc_eyJ[A-Za-z0-9+/]{40,}={0,2}", CHECK_NONE },
	{ "secret/slack-token", "a Slack token", "xox", "\\bxox[abeoprs]-[A-Za-z0-9-]{20,}", CHECK_NONE },
	{ "secret/slack-token", "a Slack token", "xapp-", "\\bxapp-[0-9]-[A-Z0-9]{8,}-[0-9]{8,}-[a-f0-9]{40,}", CHECK_NONE },
	{ "secret/slack-webhook", "a Slack webhook", "hooks.slack.com/", "hooks\\.slack\\.com/(services|workflows|triggers)/[A-Za-z0-9+/]{30,}", CHECK_NONE },
	{ "secret/discord-webhook", "a Discord webhook", "/api/webhooks/", "discord(app)?\\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}", CHECK_NONE },
	{ "secret/google-key", "a Google API key", "AIza", "\\bAIza[0-9A-Za-z_-]{35}", CHECK_NONE },
	{ "secret/google-key", "a Google client secret", "GOCSPX-", "\\bGOCSPX-[A-Za-z0-9_-]{28}", CHECK_NONE },
	{ "secret/stripe-key", "a Stripe key", "_live_", "\\b[rs]k_live_[0-9A-Za-z]{20,}", CHECK_NONE },
	{ "secret/pypi-token", "a PyPI token", "pypi-", "\\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", CHECK_NONE },
	{ "secret/rubygems-key", "a RubyGems key", "rubygems_", "\\brubygems_[a-f0-9]{48}\\b", CHECK_NONE },
	{ "secret/sendgrid-key", "a SendGrid key", "SG.", "\\bSG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}", CHECK_NONE },
	{ "secret/digitalocean-token", "a DigitalOcean token", "_v1_", "\\bdo[por]_v1_[a-f0-9]{64}\\b", CHECK_NONE },
	{ "secret/openai-key", "an OpenAI key", "T3BlbkFJ", "\\bsk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}", CHECK_NONE },
	{ "secret/anthropic-key", "an Anthropic key", "sk-ant-", "\\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}", CHECK_NONE },
	{ "secret/huggingface-token", "a Hugging Face token", "hf_", "\\bhf_[A-Za-z]{34}\\b", CHECK_NONE },
	{ "secret/vault-token", "a Vault token", "hv", "\\bhv[sb]\\.[A-Za-z0-9_-]{24,}", CHECK_NONE },
	{ "secret/terraform-token", "a Terraform Cloud token", ".atlasv1.", "\\b[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}", CHECK_NONE },
	{ "secret/pulumi-token", "a Pulumi token", "pul-", "\\bpul-[a-f0-9]{40}\\b", CHECK_NONE },
	{ "secret/docker-token", "a Docker token", "dckr_", "\\bdckr_(pat|oat)_[A-Za-z0-9_-]{27,}", CHECK_NONE },
	{ "secret/tailscale-key", "a Tailscale key", "tskey-", "\\btskey-[a-z]+-[A-Za-z0-9]{8,}-[A-Za-z0-9]{20,}", CHECK_NONE },
	{ "secret/cloudflare-key", "a Cloudflare origin CA key", "v1.0-", "\\bv1\\.0-[a-f0-9]{24}-[a-f0-9]{146}\\b", CHECK_NONE },
	{ "secret/onepassword-token", "a 1Password service account token", "ops_eyJ", "\\bops_eyJ[A-Za-z0-9+/]{250,}={0,3}", CHECK_NONE },
	{ "secret/shopify-token", "a Shopify token", "shp", "\\bshp(at|ca|pa|ss)_[a-fA-F0-9]{32}\\b", CHECK_NONE },
	{ "secret/databricks-token", "a Databricks token", "dapi", "\\bdapi[a-f0-9]{32}(-[0-9])?\\b", CHECK_NONE },
	{ "secret/newrelic-key", "a New Relic key", "NRAK-", "\\bNRAK-[A-Z0-9]{27}\\b", CHECK_NONE },
	{ "secret/sentry-token", "a Sentry token", "sntry", "\\bsntry(s_eyJ[A-Za-z0-9+/=_-]{80,}|u_[a-f0-9]{64})", CHECK_NONE },
	{ "secret/linear-key", "a Linear key", "lin_api_", "\\blin_api_[A-Za-z0-9]{40}\\b", CHECK_NONE },
	{ "secret/doppler-token", "a Doppler token", "dp.", "\\bdp\\.(pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{40,}", CHECK_NONE },
	{ "secret/supabase-token", "a Supabase token", "sb", "\\bsbp_[a-f0-9]{40}\\b", CHECK_NONE },
	{ "secret/atlassian-token", "an Atlassian token", "ATATT3xFfGF0", "\\bATATT3xFfGF0[A-Za-z0-9_-]{100,}=[A-F0-9]{8}\\b", CHECK_NONE },
	{ "secret/telegram-token", "a Telegram token", ":AA", "\\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\\b", CHECK_NONE },
	{ "secret/azure-key", "an Azure storage key", "AccountKey=", "AccountKey=[A-Za-z0-9+/]{86}==", CHECK_NONE },
	{ "secret/azure-key", "an Azure client secret", "Q~", "\\b[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}", CHECK_NONE },
	{ "secret/jwt", "a JSON Web Token", "eyJ", "\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{20,}", CHECK_NONE },
	{ "secret/registry-auth", "a registry login", "\"auth\"", "\"auth\"\\s*:\\s*\"[A-Za-z0-9+/]{6,}={0,2}\"", CHECK_BASIC },
	{ "secret/url-password", "a password in a URL", "://", "[a-z][a-z0-9+.-]*://[^/\\s:@${}<>*]*:[^/\\s:@${}<>*]{3,}@[A-Za-z0-9\\[]", CHECK_NONE },
	{ "secret/url-password", "a credential in a URL", "=", "[?&](password|passwd|token|access_token|api_?key|apikey|secret|sig|signature)=[^&\\s\"'${}<>#]{12,}", CHECK_VALUE },
	{ "secret/password", "a password in a connection string", "assword=", ";\\s*[Pp]assword=[^;\\s\"'${}<>]{4,}", CHECK_VALUE },
};
struct tokens {
	struct arena *a;
	struct regex *regexes[COUNT(forms)];
	struct regex_room *room;
};

struct tokens *tokens_new(struct arena *a)
{
	struct tokens *t = NEW(a, struct tokens);
	t->a = a;
	t->room = regex_room_new(a);
	return t;
}

void tokens_free(struct tokens *t)
{
	for (size_t i = 0; i < COUNT(forms); i++)
		if (t->regexes[i])
			regex_free(t->regexes[i]);
	regex_room_free(t->room);
}

const char *secret_rule(size_t i)
{
	return i < COUNT(forms) ? forms[i].rule : NULL;
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

/* GitHub's and npm's end in the CRC-32, to base 62, of what stands between "_" and it. */
static bool base62_fits(str token)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	str body = str_sub(token, 4, 34), sum = str_sub(token, 34, 40);
	uint64_t v = 0;
	for (size_t i = 0; i < sum.n; i++) {
		const char *p = strchr(digits, sum.p[i]);
		v = v * 62 + (uint64_t)(p ? p - digits : 0);
	}
	return v == crc32(body);
}

/* Grafana's end in the CRC-32 of all before the last "_", its lowest byte first. */
static bool hex_fits(str token)
{
	uint32_t c = crc32(str_sub(token, 0, token.n - 9)), v = 0;
	for (size_t i = 0; i < 8; i++) {
		char d = token.p[token.n - 8 + i];
		v = v << 4 | (uint32_t)(d <= '9' ? d - '0' : d - 'a' + 10);
	}
	return v == ((c & 0xFF) << 24 | (c >> 8 & 0xFF) << 16 | (c >> 16 & 0xFF) << 8 | c >> 24);
}

/* Age keys are Bech32: a BCH code over the name before "1", bit by bit in two turns, and the data behind it. */
static uint32_t bech32_step(uint32_t c, uint32_t v)
{
	static const uint32_t generator[] = { 0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3 };
	uint32_t top = c >> 25;
	c = (c & 0x1FFFFFF) << 5 ^ v;
	for (int k = 0; k < 5; k++)
		c ^= top >> k & 1 ? generator[k] : 0;
	return c;
}

static bool bech32_fits(str token)
{
	static const char name[] = "age-secret-key-", digits[] = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
	uint32_t c = 1;
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		c = bech32_step(c, (uint32_t)name[i] >> 5);
	c = bech32_step(c, 0);
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		c = bech32_step(c, (uint32_t)name[i] & 31);
	for (size_t i = sizeof(name); i < token.n; i++)
		c = bech32_step(c, (uint32_t)(strchr(digits, token.p[i]) - digits));
	return c == 1;
}

/* "auth": "…" is user:password in base64. */
static bool basic_fits(struct arena *a, str token)
{
	size_t from = token.n - 1;
	str login;
	while (from && token.p[from - 1] != '"')
		from--;
	if (!format_base64(a, str_sub(token, from, token.n - 1), &login))
		return false;
	ptrdiff_t colon = str_chr(login, ':');
	return colon > 0 && !secret_is_placeholder(str_sub(login, (size_t)colon + 1, login.n));
}

static bool value_fits(const struct token *t, str token)
{
	str value = str_sub(token, (size_t)str_chr(token, '=') + 1, token.n);
	return secret_value(value, strcmp(t->rule, "secret/password") == 0 ? TELLS_PASSWORD : TELLS_SECRET);
}

/* A key in a document or a test ends in dots or in the same character again and again. */
static bool private_fits(str token)
{
	ptrdiff_t body = str_find(token, S("-----\n"));
	str rest = str_sub(token, body < 0 ? 0 : (size_t)body + 6, token.n);
	size_t different = 0;
	for (size_t i = 1; i < rest.n; i++)
		different += rest.p[i] != rest.p[i - 1];
	return different > rest.n / 2;
}

static bool fits(const struct token *t, struct arena *a, str token)
{
	switch (t->check) {
	case CHECK_BASE62:
		return base62_fits(token);
	case CHECK_HEX:
		return hex_fits(token);
	case CHECK_BECH32:
		return bech32_fits(token);
	case CHECK_BASIC:
		return basic_fits(a, token);
	case CHECK_VALUE:
		return value_fits(t, token);
	case CHECK_PRIVATE:
		return private_fits(token);
	case CHECK_NONE:
		break;
	}
	return true;
}

size_t tokens_find(struct tokens *t, struct arena *scratch, str text, struct token_hit *out, size_t most)
{
	enum { TRIES = 100 };
	size_t n = 0;
	for (size_t i = 0; i < COUNT(forms) && n < most; i++) {
		const char *error;
		size_t offset, from = 0, start, end;
		bool found = false;
		if (str_find(text, str_of(forms[i].prefix)) < 0)
			continue;
		if (!t->regexes[i])
			t->regexes[i] = regex_compile(t->a, str_of(forms[i].pattern), REGEX_ECMA, &error, &offset);
		for (int tries = 0; t->regexes[i] && !found && tries < TRIES && regex_find(t->room, t->regexes[i], text, from, &start, &end) == 1; tries++) {
			str token = str_sub(text, start, end);
			found = !secret_is_placeholder(token) && fits(&forms[i], scratch, token);
			if (found)
				out[n++] = (struct token_hit){ forms[i].rule, forms[i].what, token };
			from = end > from ? end : from + 1;
		}
	}
	return n;
}
