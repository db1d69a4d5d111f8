package parse

import (
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// mail matches an e-mail address in a text.
var mail = late.Regexp(`[^\s()<>\[\]:;,"@]+@[^\s()<>\[\]:;,"@]+\.[^\s()<>\[\]:;,"@.]+`)

// people reads the authors of an item or feed, each once. The words of podcasts count where no others stand, since they
// repeat the publisher.
func (b *builder) people(n *node) []feed.Person {
	var found []feed.Person
	for _, c := range n.children {
		switch c.key {
		case "author", "atom:author", "dc:creator", "dc:author":
			found = addPerson(found, b.person(c))
		}
	}
	for _, key := range []string{"itunes:author", "googleplay:author", "media:credit", "dc:contributor", "contributor"} {
		if len(found) > 0 {
			break
		}
		for _, c := range n.all(key) {
			if role := c.attr("role"); key != "media:credit" || role == "author" || role == "writer" {
				found = addPerson(found, b.person(c))
			}
		}
	}
	return found
}

// person reads a person construct (RFC 4287, section 3.2), or a text such as "mail@example.org (Name)".
func (b *builder) person(n *node) feed.Person {
	p := feed.Person{
		Name:  n.oneLine("name", "atom:name", "foaf:name"),
		Email: n.oneLine("email", "atom:email"),
	}
	for _, key := range []string{"uri", "url", "homepage", "atom:uri"} {
		if p.URL == "" {
			p.URL = b.address(n, key)
		}
	}
	if p == (feed.Person{}) {
		p = readPerson(n.content())
	}
	return named(p)
}

// readPerson splits "mail (Name)", "Name <mail>" and "Name mail" into name and address.
func readPerson(s string) feed.Person {
	const longest = 1000
	s = clean.Title(s)
	at := mail().FindStringIndex(s[:min(len(s), longest)])
	if at == nil {
		return feed.Person{Name: s}
	}
	p := feed.Person{Email: strings.TrimPrefix(s[at[0]:at[1]], "mailto:")}
	name := strings.TrimSuffix(strings.TrimSpace(s[:at[0]]), "mailto:") + " " + s[at[1]:]
	p.Name = clean.Line(strings.Trim(clean.Line(name), `()<>[]"' ,;:-`))
	return p
}

// named gives a person without a name the address as one, for every format wants a name.
func named(p feed.Person) feed.Person {
	if !mail().MatchString(p.Email) {
		p.Email = ""
	}
	if p.Name == "" {
		p.Name = firstOf(p.Email, p.URL)
	}
	return p
}

// addPerson adds a person, or what it tells more of one that is there: RSS names the address in one element and the name
// in another.
func addPerson(people []feed.Person, p feed.Person) []feed.Person {
	const most = 200
	if p.Name == "" || len(people) >= most {
		return people
	}
	for i, known := range people {
		oneIsNameless := known.Name == known.Email || p.Name == p.Email
		oneHasNoMail := known.Email == "" || p.Email == ""
		same := strings.EqualFold(known.Name, p.Name) || oneIsNameless && oneHasNoMail || p.Email != "" && p.Email == known.Email
		if !same {
			continue
		}
		if known.Name == known.Email {
			people[i].Name = p.Name
		}
		people[i].Email, people[i].URL = firstOf(known.Email, p.Email), firstOf(known.URL, p.URL)
		return people
	}
	return append(people, p)
}
