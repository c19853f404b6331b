package families

// KernelVersion is the version of Linux that the descriptions are checked
// against, and have everything of.
const KernelVersion = "7.3"
