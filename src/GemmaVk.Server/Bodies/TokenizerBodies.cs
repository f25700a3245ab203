namespace GemmaVk.Server.Bodies;

/// <summary>POST /detokenize: the text under llama-server's name and under vLLM's.</summary>
internal sealed record DetokenizedBody(string Content, string Prompt);

/// <summary>GET /tokenizer_info.</summary>
internal sealed record TokenizerInfo(
    string TokenizerClass, string BosToken, string EosToken, string PadToken, string ChatTemplate, int VocabSize, int ModelMaxLength, bool AddBosToken);

/// <summary>POST /v1/messages/count_tokens.</summary>
internal sealed record CountedTokens(int InputTokens);
