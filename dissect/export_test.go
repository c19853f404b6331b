package dissect

// NumCodes is how many kinds of finding there are.
const NumCodes = int(numCodes)
