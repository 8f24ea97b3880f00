"""Skills: capabilities made by Tavus, which are attached to personas."""
