// Prints the articles of a feed document as rss-parser or feedsmith reads them, one line of JSON each.
//
//     node read.mjs rss-parser|feedsmith DOCUMENT

import { readFileSync } from 'node:fs'
import { parseFeed } from 'feedsmith'
import Parser from 'rss-parser'

const [reader, path] = process.argv.slice(2)
const text = readFileSync(path, 'utf8')
const read = { 'rss-parser': rssParser, feedsmith }[reader]
for (const article of await read(text)) {
  article.date = new Date(article.date)
  console.log(JSON.stringify(article))
}

async function rssParser(text) {
  const { items } = await new Parser().parseString(text)
  return items.map((i) => ({
    title: i.title,
    id: i.guid ?? i.id,
    link: i.link,
    date: i.isoDate,
    author: i.creator ?? i.author,
    content: i['content:encoded'] ?? i.content,
  }))
}

function feedsmith(text) {
  const { format, feed } = parseFeed(text)
  const names = (authors) => authors.map((a) => a.name).join(', ')
  switch (format) {
    case 'rss':
      return feed.items.map((i) => ({
        title: i.title,
        id: i.guid.value,
        link: i.link,
        date: i.pubDate,
        author: i.dc.creators.join(', '),
        content: i.content.encoded,
      }))
    case 'atom':
      return feed.entries.map((e) => ({
        title: e.title.value,
        id: e.id,
        link: e.links.find((l) => l.rel === 'alternate').href,
        date: e.published,
        author: names(e.authors),
        content: e.content.value,
      }))
    case 'json':
      return feed.items.map((i) => ({
        title: i.title,
        id: i.id,
        link: i.url,
        date: i.date_published,
        author: names(i.authors),
        content: i.content_html,
      }))
  }
  throw new Error(`feedsmith takes the document for ${format}`)
}
