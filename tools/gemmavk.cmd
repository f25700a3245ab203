@echo off
rem Runs gemmavk from a checkout on Windows: dotnet builds what changed, quietly, then hands over.
dotnet run --project "%~dp0..\src\GemmaVk.Cli" --configuration Release --verbosity quiet -- %*
