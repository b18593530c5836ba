# The SDK as it is in this tree, for examples that ask for the installed one.
include(RondomPlugin)
set(RondomSDK_FOUND TRUE)
