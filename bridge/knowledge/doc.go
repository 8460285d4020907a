// Package knowledge is what a team knows and a robot may tell: articles, how the one is found that answers a visitor's
// question, how sure that is, and how somebody asks for a person instead. It knows no conversation, no database and no
// platform. How articles come in is bridge/knowledge/importing.
//
// # How an article is found
//
// An [Index] keeps the articles of each language on a shelf of their own. A word is compared as bridge/search folds it,
// without its endings (Snowball's stemmers; a language that has none is read by the beginnings of its words). What a word of
// a question may mean ([askedWord]) is that word, another that is used for it (synonyms.txt), the two words it is put together
// of, or, if no article has it, what is a typing error or an ending away. Words of grammar and courtesy (filler.txt) weigh
// little.
//
// Articles are ranked by BM25 over title and body, with the first paragraph worth more than the rest, and gain by how much of
// their title is asked. [Hit.Confidence] is the probability that the best one is right, from how much of the question it
// has, in its title and at all, and how clearly it comes before the next: [Sure] and [Possible] are what to do with it.
//
// The weights were chosen on questions that are kept apart from those on which the tests measure.
package knowledge
