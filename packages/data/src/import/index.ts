export { dataFilesIn } from './data-files-in.ts';
export { expectRows } from './expect-rows.ts';
export { importSource, type SourceCounts } from './import-source.ts';
export { localPaths, withoutFolders } from './local-paths.ts';
export { ImportOptions, ImportSource } from './options.ts';
export { resolveSources } from './resolve-sources.ts';
export { type RowSink, takeAll, takeSome } from './row-sink.ts';
export { fieldAt } from './shapes/mapping.ts';
export { filesOf, type ReadingProgress, readFiles } from './source-files.ts';
