"""A folder with the whole book for another engine: MkDocs without Modelbook, ProperDocs, MaterialX, Zensical."""
