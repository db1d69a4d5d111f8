package config

// later are the words of the trade that this version knows but does not take. A word below one of them need not stand
// here. "*" is a name given by the user; lists leave no trace. An ending of ":text", ":list" or ":words" refuses a word
// of this version only in that form. A word that gets built moves from here to words.go or to a kind's Config.
var later = map[string]bool{
	"outputs.base_url":      true,
	"outputs.file.compress": true,
	"outputs.command":       true,

	"push": true,

	"feeds.*.podcast": true,

	"feeds.*.source.page.fields.season":       true,
	"feeds.*.source.page.fields.episode":      true,
	"feeds.*.source.page.fields.episode_type": true,
	"feeds.*.source.page.fields.transcript":   true,
	"feeds.*.source.page.fields.chapters":     true,

	"feeds.*.source.json.fields.season":       true,
	"feeds.*.source.json.fields.episode":      true,
	"feeds.*.source.json.fields.episode_type": true,
	"feeds.*.source.json.fields.transcript":   true,
	"feeds.*.source.json.fields.chapters":     true,

	"feeds.*.source.command.fields.season":       true,
	"feeds.*.source.command.fields.episode":      true,
	"feeds.*.source.command.fields.episode_type": true,
	"feeds.*.source.command.fields.transcript":   true,
	"feeds.*.source.command.fields.chapters":     true,
}

// notYet is the message for words and values that the contract has and this version has not.
const notYet = "is not in this version"
