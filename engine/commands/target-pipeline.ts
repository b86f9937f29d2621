import type { CompiledPipeline } from '../compile/compiled.ts';
import type { Target } from '../config/pipeline.ts';

/** A statement on BigQuery may change 4,000 partitions, and its text be a megabyte long. */
const BIGQUERY_BATCH = 1000;

/** The pipeline as a target has it: its names of datasets, and batches that its statements can hold. */
export function pipelineOf(pipeline: CompiledPipeline, target: Target): CompiledPipeline {
  if (target.warehouse === 'duckdb') return pipeline;
  const assets = pipeline.assets.map((asset) => ({
    ...asset,
    dataset: `${target.datasetPrefix}${asset.dataset}`,
    batch: Math.min(asset.batch, BIGQUERY_BATCH),
  }));
  return { ...pipeline, assets };
}
