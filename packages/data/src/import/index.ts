export { importSource, type SourceCounts } from './import-source.ts';
export { localPaths, withoutFolders } from './local-paths.ts';
export { ImportOptions, type ImportSource } from './options.ts';
export { resolveSources } from './resolve-sources.ts';
export { takeAll, takeSome } from './row-sink.ts';
export { filesOf, type ReadingProgress, readFiles } from './source-files.ts';
