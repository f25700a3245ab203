using System;
using System.Globalization;
using System.Text;
using System.Xml;

namespace GemmaVk.Documents.Formats;

/// <summary>The text of an ODT: headings with their levels, paragraphs, cells of a row in one line. Deleted text that is kept for tracking is left out.</summary>
internal sealed class OdtText(ZipParts parts, BlockList blocks)
{
    private readonly StringBuilder _text = new();
    private int _level;
    private int _rows;
    private int _silent;
    private bool _cell;
    private bool _body;

    /// <summary>Reads it.</summary>
    public void Read()
    {
        parts.ReadXml("content.xml", Take);
        blocks.AddRunning(_text, _level);
    }

    private void Take(XmlReader xml)
    {
        if (xml.NodeType == XmlNodeType.Element)
        {
            Open(xml);
        }
        else if (xml.NodeType == XmlNodeType.EndElement)
        {
            Close(xml.LocalName);
        }
        else if (_body && _silent == 0 && xml.NodeType is (XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA))
        {
            _text.Append(xml.Value);
        }
    }

    private void Open(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "body":
                _body = true;
                break;
            case "tracked-changes" or "annotation" when !xml.IsEmptyElement:
                _silent++;
                break;
            case "h" when _rows == 0:
                blocks.AddRunning(_text, 0);
                _level = int.TryParse(xml.GetAttribute("outline-level", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"), NumberStyles.None, CultureInfo.InvariantCulture, out int level) ? Math.Clamp(level, 1, 6) : 1;
                break;
            case "tab" or "s" or "line-break":
                _text.Append(' ');
                break;
            case "table-row":
                blocks.AddRunning(_text, _level);
                _rows++;
                _cell = false;
                break;
            case "table-cell":
                _text.Append(_cell ? " | " : "");
                _cell = true;
                break;
        }
    }

    private void Close(string name)
    {
        switch (name)
        {
            case "tracked-changes" or "annotation":
                _silent = Math.Max(0, _silent - 1);
                break;
            case "p" or "h" when _rows == 0:
                blocks.AddRunning(_text, _level);
                _level = 0;
                break;
            case "p" or "h":
                _text.Append(' ');
                break;
            case "table-row":
                blocks.AddRunning(_text, 0);
                _rows = Math.Max(0, _rows - 1);
                break;
        }
    }
}
