namespace GemmaVk.Documents;

/// <summary>Formats that are read.</summary>
public enum DocumentKind
{
    /// <summary>Text without a form that is looked for: notes, source code, logs.</summary>
    Text,

    /// <summary>Markdown, whose headings count.</summary>
    Markdown,

    /// <summary>HTML and XHTML.</summary>
    Html,

    /// <summary>Rows of values; the first row names the columns.</summary>
    Csv,

    /// <summary>Portable Document Format.</summary>
    Pdf,

    /// <summary>Office Open XML text.</summary>
    Docx,

    /// <summary>OpenDocument text.</summary>
    Odt,

    /// <summary>An electronic book.</summary>
    Epub,
}
