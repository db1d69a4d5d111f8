package clean

import (
	"slices"
	"strings"
)

// Link is [URL] for the address of an article: without the parameters that only tell where a reader came from. Those are
// utm_*, mtm_*, hsa_*, and the names of trackingNames; ref, source, partner, emc and cmp only when they say that it
// was a feed (rss), and ref_src when it was Twitter. They go from a fragment too when nothing else is in it.
//
// All other parameters stay as they are, in their order.
func Link(s, base string) (string, error) {
	u, err := URL(s, base)
	if err != nil {
		return "", err
	}
	return untracked(u), nil
}

// untracked takes the parameters of trackers out of an address.
func untracked(address string) string {
	if !strings.ContainsAny(address, "?#") {
		return address
	}
	rest, fragment, hasFragment := strings.Cut(address, "#")
	page, query, hasQuery := strings.Cut(rest, "?")
	if hasQuery {
		if kept, changed := withoutTracking(query); changed {
			hasQuery, query = kept != "", kept
		}
	}
	if hasFragment {
		if kept, changed := withoutTracking(fragment); changed && kept == "" {
			hasFragment = false
		}
	}
	if hasQuery {
		page += "?" + query
	}
	if hasFragment {
		page += "#" + fragment
	}
	return page
}

// withoutTracking leaves out what is tracking among parameters joined by &.
func withoutTracking(query string) (string, bool) {
	var kept []string
	changed := false
	for pair := range strings.SplitSeq(query, "&") {
		if isTracking(pair) {
			changed = true
			continue
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&"), changed
}

func isTracking(pair string) bool {
	name, value, _ := strings.Cut(strings.ToLower(pair), "=")
	name = strings.TrimPrefix(name, "amp;") // an & that was escaped once too often
	for _, prefix := range []string{"utm_", "mtm_", "hsa_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "ref", "source", "partner", "emc", "cmp":
		return value == "rss" || value == "feed" || value == "feedburner" || strings.HasPrefix(value, "rss-") || strings.HasPrefix(value, "rss_")
	case "ref_src":
		return strings.HasPrefix(value, "twsrc")
	}
	return slices.Contains(trackingNames, name)
}

// trackingNames are parameters that belong to one advertiser, mailer or counter each, and to no page.
var trackingNames = []string{
	"fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", // Meta
	"gclid", "gclsrc", "dclid", "gbraid", "wbraid", "_ga", "_gl", // Google
	"msclkid", "twclid", "ttclid", "li_fat_id", "yclid", "ysclid", "_openstat", "rb_clickid", // others' advertisements
	"mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp", "hsctatracking", // Mailchimp, Marketo, HubSpot
	"vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "wickedid", "_bta_tid", "_bta_c", // other mailers
	"at_medium", "at_campaign", "at_custom1", "at_custom2", "at_custom3", "at_custom4", "xtor", // AT Internet
	"ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", // Comscore
	"piwik_campaign", "piwik_kwd", "pk_campaign", "pk_kwd", "pk_source", "pk_medium", "pk_content", "pk_cid", // Matomo
	"guccounter", "guce_referrer", "guce_referrer_sig", "wt_mc", "wt_zmc", // Yahoo, Webtrekk
}
