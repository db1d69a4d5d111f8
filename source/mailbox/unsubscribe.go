package mailbox

import (
	"strings"

	"feedmill/feed/late"
)

// leaving matches the words by which newsletters let their readers leave, change what they get, pass it on, or see it elsewhere: links that
// are made for one reader.
var leaving = late.Regexp(`(?i)unsubscrib|opt[ -]?out|(?:manage|change|update|edit|set) (?:your |my )?(?:e-?mail |mail |newsletter |notification |subscription |delivery |list )*(?:preferences|subscriptions?|settings|profile|options)|` +
	`(?:e-?mail|subscription|notification|communication) (?:preferences|settings)|view (?:this |it )?(?:e-?mail |newsletter |message )?(?:in (?:your |a |the )?(?:web ?)?browser|online|on the web)|web version|` +
	`forward (?:this |it )?(?:e-?mail |newsletter )?to a friend|stop receiving|why (?:am i|did i) (?:get|receiv)|remove (?:me|yourself) from|` +
	`abmelden|abbestell|austragen|newsletter abmeld|im browser (?:ansehen|anzeigen|öffnen|lesen)|online[- ](?:ansicht|version|ansehen|lesen)|` +
	`d[ée]sabonn|d[ée]sinscri|version en ligne|dans (?:votre|le|un) navigateur|` +
	`darse de baja|darme de baja|cancelar (?:la |mi |tu |su )?(?:suscripci|inscri|subscri|assinatura)|en (?:el|tu|su) navegador|descadastr|` +
	`disiscri|annulla (?:l')?iscrizione|cancella(?:ti|mi)|nel (?:tuo )?browser|afmelden|uitschrijven|in (?:je|uw) browser|` +
	`avprenumerera|avregistrer|afmeld|avmeld|avsluta prenumeration|wypisz|rezygn|zrezygnuj|odhl[áa]sit|leiratkoz|dezabon|` +
	`отпис|отказаться от рассыл|відпис|配信停止|登録解除|購読解除|退订|取消订阅|退訂|구독 ?취소|수신 ?거부`)

// leavingAddress matches addresses that let one reader leave.
var leavingAddress = late.Regexp(`(?i)unsub|opt-?out|/(?:email-?)?preferences|list-manage\d*\.com/(?:profile|unsubscribe|about|vcard)|forward-to-friend|/manage[-_]?subscription|listinfo|/options/`)

// The longest block of text that goes with the link to leave in it, and the longest text of such a link, in bytes.
const (
	longestFooter = 600
	longestLeave  = 120
)

// unsubscribing are the addresses of List-Unsubscribe (RFC 2369).
func unsubscribing(h header) map[string]bool {
	found := map[string]bool{}
	for _, value := range h.all("list-unsubscribe") {
		for piece := range strings.SplitSeq(value, ",") {
			if address := strings.Trim(strings.TrimSpace(piece), "<>"); address != "" && len(found) < 20 {
				found[address] = true
			}
		}
	}
	return found
}

// leaves reports whether a link lets the reader leave.
func (r *reading) leaves(href, text string) bool {
	return r.leave[strings.TrimSpace(href)] || len(text) <= longestLeave && leaving().MatchString(text) || leavingAddress().MatchString(href)
}

// footer finds the line that mailing lists begin their footer with.
var footer = late.Regexp(`(?m)^(?:>? ?)_{20,}[ \t]*$`)

// withoutLeaving takes the ways to leave out of plain text.
func (r *reading) withoutLeaving(text string) string {
	if all := footer().FindAllStringIndex(text, -1); all != nil {
		last := all[len(all)-1]
		if tail := text[last[1]:]; len(tail) < 2*longestFooter && strings.Contains(tail, "http") && (strings.Contains(strings.ToLower(tail), "list") || leaving().MatchString(tail)) {
			text = text[:last[0]]
		}
	}
	blocks := strings.Split(text, "\n\n")
	kept := blocks[:0]
	for _, block := range blocks {
		if len(block) > longestFooter || !r.leavingBlock(block) {
			kept = append(kept, block)
		}
	}
	return strings.Join(kept, "\n\n")
}

// leavingBlock reports whether a paragraph of plain text tells how to leave.
func (r *reading) leavingBlock(block string) bool {
	for _, address := range webAddress().FindAllString(block, 20) {
		if r.leave[address] || leavingAddress().MatchString(address) || leaving().MatchString(block) {
			return true
		}
	}
	for address := range r.leave {
		if strings.Contains(block, strings.TrimPrefix(address, "mailto:")) {
			return true
		}
	}
	return false
}
