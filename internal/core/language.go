package core

// LanguageChosen is the name of the preference that holds the code of the language somebody
// chose: their pages are in it, in every browser, and so is the mail to them.
const LanguageChosen = "language"
