import {readFileSync} from 'node:fs'
import Parser from 'rss-parser'
import {parseFeed} from 'feedsmith'
for (const f of process.argv.slice(2)) {
  const text=readFileSync(f,'utf8')
  if(!f.endsWith('json')) {const r=await new Parser().parseString(text); for (const i of r.items) console.log('rss-parser',f,JSON.stringify(i,(k,v)=>typeof v==='string'?v.slice(0,90):v))}
  const r=parseFeed(text); for (const i of r.feed.items??r.feed.entries) console.log('feedsmith',r.format,JSON.stringify(i,(k,v)=>typeof v==='string'?v.slice(0,90):v))
}
