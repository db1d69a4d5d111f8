package record

// names are what programs call the words of an article, the likelier ones first: folded, see fold, with a dot before a
// member of a member.
var names = []struct {
	word  string
	names []string
	worth int // how much it says for a list that its records have it
}{
	{"title", []string{"title", "title.rendered", "headline", "name", "subject", "heading", "displayname"}, 4},
	{"link", []string{"link", "url", "htmlurl", "permalink", "weburl", "canonicalurl", "pageurl", "articleurl", "href", "links.html", "links.web",
		"links.self", "permalinkurl", "externalurl"}, 4},
	{"id", []string{"id", "guid", "uuid", "key", "nodeid"}, 1},
	{"published", []string{"published", "publishedat", "datepublished", "publishdate", "pubdate", "publicationdate", "publishedon",
		"firstpublishedat", "webpublicationdate", "releasedate", "dategmt", "date", "datetime", "postedat", "createdat", "created", "createdutc",
		"datecreated", "time", "timestamp", "openedat", "startedat"}, 3},
	{"updated", []string{"updated", "updatedat", "datemodified", "modifiedgmt", "modified", "lastmodified", "lastupdated", "updateddate", "modifiedat"}, 1},
	{"expires", []string{"expires"}, 0},
	{"author", []string{"author", "authors", "byline", "creator", "authorname", "writer", "author.login", "author.username", "author.displayname",
		"user.name", "user.login", "user.username"}, 1},
	{"summary", []string{"summary", "description", "excerpt", "excerpt.rendered", "abstract", "teaser", "standfirst", "intro", "lead", "subtitle"}, 1},
	{"content", []string{"content", "contenthtml", "content.rendered", "bodyhtml", "body", "html", "contenttext", "text", "markdown",
		"contentmarkdown", "notes", "message"}, 2},
	{"tags", []string{"tags", "categories", "keywords", "labels", "topics", "category", "section"}, 1},
	{"image", []string{"image", "imageurl", "thumbnail", "thumbnailurl", "urltoimage", "featuredimage", "coverimage", "bannerimage", "photo"}, 1},
	{"caption", []string{"caption"}, 0},
	{"credit", []string{"credit"}, 0},
	{"language", []string{"language", "lang"}, 0},
	{"status", []string{"status"}, 0},
	{"correction", []string{"correction"}, 0},
	{"minor", []string{"minor"}, 0},
	{"pin", []string{"pin"}, 0},
	{"audio", []string{"audio", "audiourl", "enclosureurl"}, 1},
}
