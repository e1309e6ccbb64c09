"""The categories of requests (诉求分类): the tree, its life as a setting, and what hangs on each."""
