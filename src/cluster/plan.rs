//! The plan that executors run: ranges of parts come in, the parts that are made go out, a
//! partition at a time. The engine makes them; Ballista says where.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::common::collect;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};

use super::maker::{Workshop, make};
use super::results::{made_schema, ranges};

/// What marks the program's own words within those of others, before and behind.
pub(super) const SAYS: [&str; 2] = ["[[drawsim: ", " :drawsim]]"];
/// Makes the parts of a study that its input asks for.
#[derive(Debug)]
pub(super) struct MakeParts {
    study: Arc<[u8]>,
    asked: Arc<dyn ExecutionPlan>,
    workshop: Arc<Workshop>,
    properties: Arc<PlanProperties>,
}

impl MakeParts {
    pub fn new(study: Arc<[u8]>, asked: Arc<dyn ExecutionPlan>, workshop: Arc<Workshop>) -> Self {
        let partitions = asked.properties().partitioning.partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(made_schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        MakeParts {
            study,
            asked,
            workshop,
            properties: Arc::new(properties),
        }
    }

    /// The study as it travels.
    pub fn study(&self) -> &Arc<[u8]> {
        &self.study
    }
}

impl DisplayAs for MakeParts {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MakeParts: {} bytes of study", self.study.len())
    }
}

impl ExecutionPlan for MakeParts {
    fn name(&self) -> &str {
        "MakeParts"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.asked]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([asked]) => Ok(Arc::new(MakeParts::new(
                Arc::clone(&self.study),
                asked,
                Arc::clone(&self.workshop),
            ))),
            Err(_) => Err(says("the plan has one input")),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let asked = self.asked.execute(partition, context)?;
        let (study, workshop) = (Arc::clone(&self.study), Arc::clone(&self.workshop));
        let mut stream = RecordBatchReceiverStream::builder(made_schema(), 2);
        let to = stream.tx();
        stream.spawn(async move {
            let asked = collect(asked).await?;
            let asked = asked.iter().map(ranges).collect::<Option<Vec<_>>>();
            let asked = asked.ok_or_else(|| says("no ranges came"))?.concat();
            make(&study, &workshop, asked, to)
                .await
                .map_err(|error| says(&error))
        });
        Ok(stream.build())
    }
}

/// An error in the program's own words.
pub(super) fn says(what: &str) -> DataFusionError {
    DataFusionError::Execution(format!("{}{what}{}", SAYS[0], SAYS[1]))
}
