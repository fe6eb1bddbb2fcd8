"""The site of the pages, which MkDocs builds."""
