package mailbox

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/late"
)

// forwardMark matches the line that programs put above a message that is passed on.
var forwardMark = late.Regexp(`(?i)^[>\s]*(?:-{2,}\s*(?:Forwarded message|Forwarded by .*|Original message|Original[- ]Nachricht|Urspr[üu]ngliche Nachricht|Weitergeleitete Nachricht|Message transf[ée]r[ée]|Message d'origine|` +
	`Mensaje reenviado|Mensaje original|Messaggio inoltrato|Messaggio originale|Doorgestuurd bericht|Oorspronkelijk bericht|Mensagem encaminhada|Mensagem original|Przekazana wiadomo[śs][ćc]|Vidarebefordrat meddelande|` +
	`Пересылаемое сообщение|Пересланное сообщение|Переслане повідомлення)\s*-{2,}|Begin forwarded message:|Anfang der weitergeleiteten (?:Nachricht|E-Mail):|D[ée]but du message (?:r[ée]exp[ée]di[ée]|transf[ée]r[ée]) ?:)\s*$`)

// forwardField matches a line of the header of such a message.
var forwardField = late.Regexp(`(?i)^[>\s*]*(From|Von|De|Da|Van|Od|Från|Fra|От|От кого|Від|To|An|À|A|Para|Aan|Do|Till|Til|Кому|Cc|Kopie|Date|Sent|Datum|Gesendet|Envoyé|Fecha|Enviado(?: el)?|Inviato|Verzonden|Data|Skickat|Sendt|` +
	`Дата|Отправлено|Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Assunto|Temat|Ämne|Emne|Тема|Reply-To|Antwort an|Message-ID|Organization)\s?\*?\s?:\*?\s*(.*)$`)

// forwardFrom are the words for who wrote it.
var forwardFrom = late.Regexp(`(?i)^(?:From|Von|De|Da|Van|Od|Från|Fra|От|От кого|Від)$`)

// forwardedSubject is what programs put in front of a subject.
var forwardedSubject = late.Regexp(`(?i)^\s*(?:(?:fwd?|wg|tr|rv|i|enc|doorst|vb|pd|пер)\s*:\s*)+`)

// fewestFields is how many lines a header has, if no mark stands above it.
const fewestFields = 3

// longestForward bounds the header of a message that was passed on, in bytes.
const longestForward = 2000

// withoutForward takes the marks and headers of messages that were passed on out of plain text.
func (r *reading) withoutForward(text string) string {
	var out []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if !forwardMark().MatchString(lines[i]) {
			out = append(out, lines[i])
			continue
		}
		next := i + 1
		for next < len(lines) && strings.Trim(lines[next], "> \t") == "" {
			next++
		}
		for fields := 0; next < len(lines) && strings.Trim(lines[next], "> \t") != ""; next++ {
			if !r.forwardLine(lines[next]) && fields == 0 {
				break
			}
			fields++
		}
		i = next - 1
	}
	return strings.Join(out, "\n")
}

// forwardLine reports whether a line belongs to such a header, and notes who wrote the message.
func (r *reading) forwardLine(line string) bool {
	found := forwardField().FindStringSubmatch(line)
	if found == nil {
		return false
	}
	if r.from == "" && forwardFrom().MatchString(found[1]) {
		r.from = strings.TrimSpace(found[2])
	}
	return true
}

// unforward takes them out of HTML.
func (r *reading) unforward(body *html.Node) {
	var marks []*html.Node
	for n := range body.Descendants() {
		if n.Type == html.TextNode && len(n.Data) < 200 && forwardMark().MatchString(strings.TrimSpace(n.Data)) {
			marks = append(marks, n)
		}
	}
	for _, mark := range marks {
		holder := blockAround(mark)
		if holder != nil && r.forwardHeader(holder, 1) {
			remove(holder)
			continue
		}
		r.unforwardAfter(mark, holder)
	}
	each(body, func(n *html.Node) {
		switch n.DataAtom {
		case atom.Div, atom.P, atom.Table, atom.Blockquote:
			if r.forwardHeader(n, fewestFields) {
				remove(n)
			}
		}
	})
}

// unforwardAfter removes a mark, and the lines of a header that follow it as elements of their own.
func (r *reading) unforwardAfter(mark, holder *html.Node) {
	if holder != nil && forwardMark().MatchString(textOf(holder, 200)) {
		mark = holder
	}
	next := mark.NextSibling
	remove(mark)
	for n := next; n != nil; n = next {
		next = n.NextSibling
		text := textOf(n, longestForward)
		switch {
		case text == "":
		case n.DataAtom == atom.Blockquote && n.FirstChild != nil: // what follows is quoted as a whole
			next = n.FirstChild
		case r.forwardHeader(n, 1) || n.DataAtom != 0 && r.forwardLine(text):
			remove(n)
		default:
			return
		}
	}
}

// forwardHeader reports whether an element is nothing but the header of a message, with at least so many fields.
func (r *reading) forwardHeader(n *html.Node, fewest int) bool {
	if len(textOf(n, longestForward+1)) > longestForward {
		return false
	}
	fields, others := 0, 0
	for line := range strings.SplitSeq(linesOf(n), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "", forwardMark().MatchString(line):
		case forwardField().MatchString(line):
			fields++
		case fields == 0 || !strings.Contains(line, "@"): // no rest of a list of addresses
			others++
		}
	}
	if fields < fewest || others > 0 {
		return false
	}
	for line := range strings.SplitSeq(linesOf(n), "\n") {
		r.forwardLine(strings.TrimSpace(line))
	}
	return true
}

// linesOf is the text of an element with its lines.
func linesOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(strings.Join(strings.Fields(d.Data), " ") + " ")
		case d.DataAtom == atom.Br, d.DataAtom == atom.Tr, d.DataAtom == atom.P, d.DataAtom == atom.Div, d.DataAtom == atom.Li:
			b.WriteByte('\n')
		}
	}
	return b.String()
}
